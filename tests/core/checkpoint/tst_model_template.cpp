// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <filesystem>

#include "core/base/errors.h"
#include "core/checkpoint/model_template.h"
#include "core/model_spec/model_facts.h"
#include "core/run/run_checkpoints.h"
#include "tests/core/training/tiny_project.h"

using namespace llavakd;
namespace fs = std::filesystem;

/// Which template a model is asked with, and that a guess is said to be one.
class TestModelTemplate : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  fs::path folder_;

  void copy_student(const fs::path& to) const {
    fs::create_directories(to.parent_path());
    fs::copy(folder_ / "student", to, fs::copy_options::recursive);
  }

  /// A run whose template was changed when it was resumed at step 40.
  fs::path write_run(const char* id) const {
    const RunFolder run{folder_ / "runs" / id};
    for (const char* name : {"DPT-40", "DFT-160"}) {
      copy_student(run.checkpoints() / name / "model");
      write_json(run.checkpoints() / name / "state.json", {{"stage", "any"}});
    }
    RunInfo info;
    info.project = {{"template", "phi"}};
    const auto record = [](const char* stage, const char* form, int64_t from_step) {
      return StageRecord{.stage_index = 0,
                         .stage = stage,
                         .options = nlohmann::ordered_json::object(),
                         .shared = {{"template", form}},
                         .from_step = from_step,
                         .started = 0};
    };
    info.stages = {record("DPT", "no_system", 0), record("DFT", "qwen2_base", 40)};
    write_run_info(run, info);
    return run.path;
  }

 private Q_SLOTS:
  void initTestCase() {
    folder_ = dir_.path().toStdString();
    write_models(folder_);
  }

  void aGuessIsSaidAndAScoreRefused() {
    const LoadedModel model = load_model(folder_ / "student");
    QVERIFY(known_template_of(model).name.empty());
    const ModelTemplate used = template_of_model(model);
    QVERIFY(used.is_guess() && !used.alike);
    QCOMPARE(used.name, std::string("qwen2_base"));
    QCOMPARE(used.fits, (std::vector<std::string>{"qwen2_base", "phi", "no_system"}));
    const QString said = QString::fromStdString(doubts_text(used, model.folder));
    QVERIFY2(said.contains("qwen2_base is a guess") && said.contains("phi, no_system") && said.contains("--template"),
             qPrintable(said));
    try {
      refuse_guess(used, model.folder);
      QFAIL("a guess was taken for a score");
    } catch (const UserError& error) {
      const QString why = error.what();
      QVERIFY2(why.contains("student") && why.contains("no_system") && why.contains("--template"), qPrintable(why));
    }
    nlohmann::ordered_json json;
    add_template(json, used);
    QVERIFY(json["template"] == "qwen2_base" && json["template_known_by"].is_null());
  }

  void whatIsAskedForCounts() {
    const LoadedModel model = load_model(folder_ / "student");
    const ModelTemplate used = template_of_model(model, "no_system");
    QVERIFY(used.name == "no_system" && !used.is_guess());
    refuse_guess(used, model.folder);
    QVERIFY_THROWS_EXCEPTION(UserError, template_of_model(model, "mine"));
  }

  void configSaysIt() {
    ModelConfig config = config_of_width(8);
    config.conversation_template = "no_system";
    save_checkpoint(folder_ / "said", config, small_parameters(config, 1), {.tokenizer_from = folder_ / "tokenizer"});
    const ModelTemplate used = template_of_model(load_model(folder_ / "said"));
    QVERIFY(used.name == "no_system" && used.known_by == "config.json");
    const auto shown = to_json(read_model_facts(folder_ / "said"));
    QVERIFY(shown["template"] == "no_system" &&
            shown["template_is"].get<std::string>().find("guess") == std::string::npos);
    // What another program calls so keeps no model from opening.
    for (const nlohmann::ordered_json& other : {nlohmann::ordered_json("v1"), nlohmann::ordered_json(3)}) {
      auto json = read_json(folder_ / "said/config.json");
      json["conversation_template"] = other;
      write_json(folder_ / "said/config.json", json);
      QVERIFY(template_of_model(load_model(folder_ / "said")).is_guess());
    }
  }

  /// Checkpoints of versions that didn't write it into config.json.
  void theRunSaysIt() {
    const fs::path run = write_run("old");
    const ModelTemplate first = template_of_model(load_model(run / "checkpoints/DPT-40/model"));
    QVERIFY(first.name == "no_system" && first.known_by == "run.json");
    QCOMPARE(template_of_run(run / "checkpoints/DFT-160/model/"), std::string("qwen2_base"));
    QVERIFY(template_of_run(folder_ / "student").empty());
    QVERIFY(template_of_run(run / "checkpoints/DFT-160").empty());
    write_json(run / "run.json", {{"project", {{"template", 3}}}, {"stages", {{{"shared", "x"}}}}});
    QVERIFY(template_of_run(run / "checkpoints/DFT-160/model").empty());
  }

  void aCheckpointOfARunIsItsModel() {
    const fs::path checkpoint = write_run("other") / "checkpoints/DPT-40";
    QCOMPARE(model_folder_of(checkpoint), checkpoint / "model");
    QCOMPARE(model_folder_of(checkpoint / "model"), checkpoint / "model");
    QCOMPARE(model_folder_of(folder_ / "student"), folder_ / "student");
    QCOMPARE(model_folder_of(folder_ / "none"), folder_ / "none");
  }
};

QTEST_GUILESS_MAIN(TestModelTemplate)
#include "tst_model_template.moc"
