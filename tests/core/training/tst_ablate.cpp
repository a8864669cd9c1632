// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <filesystem>
#include <set>

#include "core/base/errors.h"
#include "core/checkpoint/open_checkpoint.h"
#include "core/io/json_file.h"
#include "core/kernels/kernel_backends.h"
#include "core/run/ablation_list.h"
#include "core/run/run_folder.h"
#include "core/training/ablate.h"
#include "core/training/train.h"
#include "tests/core/training/tiny_project.h"

using namespace llavakd;
namespace fs = std::filesystem;

class TestAblate : public QObject {
  Q_OBJECT
  QTemporaryDir dir_;
  fs::path file_;
  Project project_;

 private Q_SLOTS:
  void initTestCase() {
    file_ = fs::path(dir_.path().toStdString()) / "tiny.kdproj";
    project_ = write_tiny_project(file_.parent_path());
    project_.evaluations = {{.file = "questions.json", .images = "images"}};
  }

  void sharesPrefixesAndGoesOn() {
    const auto arms = parse_arms(project_, "PT-SFT,PT-SFT-SFT,PT-SFT-DFT");
    RunControl control;
    std::set<std::string> started;
    AblateOptions options;
    options.progress = [&](const std::string& run, const Event& event) {
      if (event.is<RunStartedEvent>()) started.insert(run);
    };
    const auto result = ablate(project_, file_, arms, {0, 1}, control, options);
    QCOMPARE(started.size(), size_t(8));  // PT, PT-SFT, PT-SFT-SFT, PT-SFT-DFT for each seed
    QCOMPARE(result["seeds"].dump(), std::string("[0,1]"));
    QCOMPARE(result["arms"]["PT-SFT"]["scores"].size(), size_t(2));
    QCOMPARE(result["arms"]["PT-SFT-DFT"]["steps"].get<int>(), 18);
    QCOMPARE(result["differences"].size(), size_t(3));
    QVERIFY(result["differences"][0]["interval"].is_array());
    // What the runs' records tell afterwards is the same.
    const std::vector<AblationList> kept = list_ablations(file_);
    QCOMPARE(kept.size(), size_t(1));
    QCOMPARE(kept[0].runs, int64_t(8));
    const auto table = ablation_table(kept[0], "PT-SFT");
    for (const char* arm : {"PT-SFT", "PT-SFT-SFT", "PT-SFT-DFT"}) QCOMPARE(table["arms"][arm], result["arms"][arm]);
    for (const auto& difference : result["differences"])
      QCOMPARE(difference["equal_steps"].get<bool>(),
               difference["arm"] == "PT-SFT-DFT" && difference["minus"] == "PT-SFT-SFT");
    QVERIFY(ablation_tables(result).find("PT-SFT-DFT − PT-SFT-SFT") != std::string::npos);

    started.clear();
    QVERIFY(ablate(project_, file_, arms, {0, 1}, control, options) == result);
    QVERIFY(started.empty());
  }

  /// An arm that is put together from shared runs is the same student as a run straight through.
  void anArmIsTheStraightRun() {
    RunControl control;
    ablate(project_, file_, parse_arms(project_, "DPT-SFT-DFT"), {3}, control, {.jobs = 2});
    Project straight = project_;
    straight.run.seed = 3;
    const RunResult result = train(straight, file_, create_run(file_, "straight"), {}, control);
    const TensorMap one = open_checkpoint(result.checkpoint / "model").parameters;
    const TensorMap other =
        open_checkpoint(runs_folder(file_) / "ablate-DPT-SFT-DFT-s3" / "checkpoints" / "DFT-18" / "model").parameters;
    for (const auto& [name, tensor] : one) QVERIFY2(at::equal(tensor, other.at(name)), name.c_str());
  }

  void stopsAndGoesOn() {
    RunControl control;
    AblateOptions options;
    options.progress = [&](const std::string& run, const Event& event) {
      if (run == "ablate-DPT-SFT-s5" && event.stage_step == 2) control.stop();
    };
    const auto arms = parse_arms(project_, "DPT-SFT");
    QVERIFY(ablate(project_, file_, arms, {5}, control, options)["stopped"].get<bool>());
    RunControl fresh;
    const auto result = ablate(project_, file_, arms, {5}, fresh);
    RunControl other;
    Project straight = project_;
    straight.run.seed = 5;
    straight.schedule = {"DPT", "SFT"};
    train(straight, file_, create_run(file_, "straight5"), {}, other);
    QCOMPARE(result["arms"]["DPT-SFT"]["scores"][0].get<double>(),
             read_arm_score(runs_folder(file_) / "straight5" / "eval").score.value());
  }

  /// A run computes with the kernel backends of all that it is compared with, and goes on so next to other work.
  void allRunsOfAnAblationComputeAlike() {
    const KernelBackends chosen{.float32_attention = AttentionBackend::blocks};
    const auto arms = parse_arms(project_, "DPT-SFT");
    for (const int64_t jobs : {1, 2}) {
      const fs::path file = file_.parent_path() / fmt::format("jobs{}", jobs) / "tiny.kdproj";
      Project project = write_tiny_project(file.parent_path());
      project.evaluations = project_.evaluations;
      // An earlier call has begun: its run chose another way than the plain one.
      Project part = project;
      part.run.seed = 0;
      part.run.checkpoint_every = 0;
      part.schedule = {"DPT"};
      std::erase_if(part.stages, [](const StageOptions& stage) { return stage.name != "DPT"; });
      RunControl control;
      train(part, file, create_run(file, "ablate-DPT-s0"), {}, control,
            {.evaluate = false, .kernels = to_string(chosen)});
      ablate(project, file, arms, {0, 1, 2}, control, {.jobs = jobs});
      for (const int64_t seed : {0, 1, 2}) {
        const RunFolder run{runs_folder(file) / fmt::format("ablate-DPT-SFT-s{}", seed)};
        QCOMPARE(read_run_info(run).versions["kernels"].get<std::string>(), to_string(chosen));
        const TensorMap now = open_checkpoint(run.checkpoints() / "SFT-12" / "model").parameters;
        if (jobs == 1) continue;
        const fs::path alone = file_.parent_path() / "jobs1/runs" / run.id() / "checkpoints/SFT-12/model";
        for (const auto& [name, tensor] : open_checkpoint(alone).parameters)
          QVERIFY2(at::equal(tensor, now.at(name)), name.c_str());
      }
    }
    set_backends({});
  }

  void otherOptionsAreNotMixedIn() {
    RunControl control;
    Project changed = project_;
    changed.stages[0].learning_rate = 0.5;
    QVERIFY_THROWS_EXCEPTION(UserError, ablate(changed, file_, parse_arms(changed, "PT-SFT"), {0}, control));
    changed.evaluations.clear();
    QVERIFY_THROWS_EXCEPTION(UserError, ablate(changed, file_, parse_arms(changed, "PT"), {9}, control));
  }

  void everyStageOfTheArmsIsLookedAt() {
    Project project = project_;
    project.schedule = {"DPT"};
    const auto all = project_of_arms(project, parse_arms(project, "PT-SFT,DPT-SFT"));
    QCOMPARE(all.schedule, (std::vector<std::string>{"PT", "SFT", "DPT"}));
  }

  void anArmThatCantBeNamedIsRefusedAtOnce() {
    Project project = project_;
    project.stages[0].name = std::string(60, 'P');
    RunControl control;
    const std::string arm = project.stages[0].name + "-" + project.stages[0].name;
    QVERIFY_THROWS_EXCEPTION(UserError, ablate(project, file_, parse_arms(project, arm), {0}, control));
    QVERIFY(!fs::exists(runs_folder(file_) / ("ablate-" + project.stages[0].name + "-s0")));
  }

  /// Scores of one question file aren't compared with those of another.
  void otherInputsAreNotMixedIn() {
    const auto arms = parse_arms(project_, "PT");
    RunControl control;
    ablate(project_, file_, arms, {7}, control);
    const fs::path questions = file_.parent_path() / "questions.json";
    const auto before = read_json(questions);
    auto changed = before;
    changed[0]["conversations"][1]["value"] = "another answer";
    write_json(questions, changed);
    QVERIFY_THROWS_EXCEPTION(UserError, ablate(project_, file_, arms, {7}, control));
    write_json(questions, before);
    RunControl again;  // a failure asks the other runs of its control to stop
    QVERIFY(ablate(project_, file_, arms, {7}, again).contains("arms"));
    QVERIFY(read_run_info(RunFolder{runs_folder(file_) / "ablate-PT-s7"}).kind == RunKind::ablate);
  }
};

QTEST_GUILESS_MAIN(TestAblate)
#include "tst_ablate.moc"
