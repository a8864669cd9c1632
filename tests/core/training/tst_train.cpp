// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>

#include "core/checkpoint/open_checkpoint.h"
#include "core/data/cache_advice.h"
#include "core/io/sha256.h"
#include "core/kernels/choice.h"
#include "core/project/errors.h"
#include "core/training/run_record.h"
#include "core/training/settle_kernels.h"
#include "core/training/train.h"
#include "tests/core/training/tiny_project.h"

using namespace llavakd;
namespace fs = std::filesystem;

namespace {

using Json = nlohmann::ordered_json;

std::vector<Event> events_of(const RunFolder& run) {
  return EventReader(run.events()).read();
}

/// The events without what may differ between two equal runs.
std::vector<std::string> comparable(const std::vector<Event>& events) {
  std::vector<std::string> lines;
  for (Event event : events) {
    event.time = 0;
    for (const char* key : {"seconds", "waiting_seconds", "phases", "memory_bytes", "run"}) event.fields.erase(key);
    lines.push_back(to_line(event));
  }
  return lines;
}

std::vector<std::string> steps_of(const RunFolder& run) {
  std::vector<Event> steps;
  for (Event& event : events_of(run))
    if (event.type == "step") steps.push_back(std::move(event));
  return comparable(steps);
}

int count_of(const RunFolder& run, const std::string& type) {
  int count = 0;
  for (const Event& event : events_of(run)) count += event.type == type ? 1 : 0;
  return count;
}

/// Whether a warning holds this text.
bool warns(const RunFolder& run, const std::string& text) {
  return std::ranges::any_of(events_of(run), [&](const Event& event) {
    return event.type == "warning" && event.fields.value("message", "").find(text) != std::string::npos;
  });
}

bool same_models(const fs::path& a, const fs::path& b) {
  const TensorMap first = open_checkpoint(a / "model").parameters, second = open_checkpoint(b / "model").parameters;
  if (first.size() != second.size()) return false;
  for (const auto& [name, tensor] : first)
    if (!at::equal(tensor, second.at(name))) return false;
  return true;
}

double largest_difference(const fs::path& a, const fs::path& b) {
  const TensorMap first = open_checkpoint(a / "model").parameters, second = open_checkpoint(b / "model").parameters;
  double largest = 0;
  for (const auto& [name, tensor] : first)
    largest = std::max(largest, (tensor - second.at(name)).abs().max().item<double>());
  return largest;
}

}  // namespace

class TestTrain : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  fs::path file_;
  Project project_;
  RunFolder whole_;

  RunResult run(const Project& project, const RunFolder& folder, const TrainOptions& options = {},
                const EventSink& sink = {}) {
    RunControl control;
    return train(project, file_, folder, sink, control, options);
  }

  /// Trains until `step`, where the run is stopped by request, then goes on.
  RunResult run_in_two_parts(const Project& project, const RunFolder& folder, int64_t step) {
    run_until(project, folder, step);
    return run(project, folder, {.resume = true});
  }

  void run_until(const Project& project, const RunFolder& folder, int64_t step) {
    RunControl control;
    const auto stop = [&](const Event& event) {
      if (event.type == "step" && event.step == step) control.stop();
    };
    const RunResult first = train(project, file_, folder, stop, control);
    if (!first.stopped || first.steps != step) throw std::runtime_error("was not stopped");
  }

 private Q_SLOTS:
  void initTestCase() {
    file_ = fs::path(dir_.path().toStdString()) / "tiny.kdproj";
    project_ = write_tiny_project(file_.parent_path());
    whole_ = create_run(file_, "whole");
    const RunResult result = run(project_, whole_);
    QVERIFY(!result.stopped);
    QCOMPARE(result.steps, 18);
    QCOMPARE(result.checkpoint.filename().string(), std::string("DFT-18"));
  }

  void eventsTellTheRun() {
    std::vector<std::string> types;
    for (const Event& event : events_of(whole_))
      if (event.type != "step" && (types.empty() || types.back() != event.type)) types.push_back(event.type);
    QCOMPARE(types.front(), std::string("run_started"));
    QCOMPARE(types.back(), std::string("run_finished"));
    QCOMPARE(count_of(whole_, "step"), 18);
    QCOMPARE(count_of(whole_, "stage_started"), 3);
    QCOMPARE(count_of(whole_, "stage_finished"), 3);
    QCOMPARE(count_of(whole_, "checkpoint"), 6);
    const Event first = events_of(whole_).front();
    QCOMPARE(first.fields["stages"].dump(),
             std::string(R"([{"name":"DPT","steps":6},{"name":"SFT","steps":6},{"name":"DFT","steps":6}])"));
  }

  void theRunSaysWhatItWasMadeFrom() {
    const RunInfo info = read_run_info(whole_);
    QCOMPARE(info.status, std::string("finished"));
    QVERIFY(!info.pid);
    QCOMPARE(info.project["name"].get<std::string>(), std::string("tiny"));
    QVERIFY(info.versions.contains("libtorch"));
    const auto weights = (file_.parent_path() / "teacher" / "model.safetensors").string();
    QCOMPARE(info.inputs[weights].get<std::string>(), sha256_of_file(weights));
    QVERIFY(info.inputs.contains((file_.parent_path() / "data.json").string()));
  }

  void stepsHaveTheFieldsOfTheDesign() {
    for (const Event& event : events_of(whole_)) {
      if (event.type != "step") continue;
      for (const char* key : {"terms", "weighted", "total", "grad_norm", "learning_rate", "tokens", "samples",
                              "seconds", "waiting_seconds", "phases", "memory_bytes"})
        QVERIFY2(event.fields.contains(key), key);
      const Json &raw = event.fields["terms"], &weighted = event.fields["weighted"];
      QCOMPARE(raw.size(), event.stage == "SFT" ? 1U : 4U);
      double total = 0;
      for (const auto& [name, value] : weighted.items()) {
        QCOMPARE(value.get<double>(), raw[name].get<double>() * (name == "rdist" ? 0.5 : 1.0));
        total += value.get<double>();
      }
      QVERIFY(std::abs(total - event.fields["total"].get<double>()) < 1e-12);
    }
  }

  void termsFall() {
    std::map<std::string, std::pair<double, double>> totals;
    for (const Event& event : events_of(whole_)) {
      if (event.type != "step") continue;
      auto& [first, last] = totals[event.stage];
      last = event.fields["total"];
      if (event.stage_step == 1) first = last;
    }
    for (const auto& [stage, total] : totals) QVERIFY2(total.second < total.first, stage.c_str());
  }

  void frozenPartsStayAsTheyWere() {
    const TensorMap before = open_checkpoint(file_.parent_path() / "student").parameters;
    const TensorMap after_dpt = open_checkpoint(whole_.checkpoints() / "DPT-6" / "model").parameters;
    const TensorMap after_sft = open_checkpoint(whole_.checkpoints() / "SFT-12" / "model").parameters;
    for (const auto& [name, tensor] : before) {
      QCOMPARE(at::equal(tensor, after_dpt.at(name)), part_of(name) != "connector");
      if (part_of(name) == "vision_tower") QVERIFY(at::equal(tensor, after_sft.at(name)));
    }
  }

  void samplesWithoutLabelsAreSkippedAndCounted() {
    int64_t skipped = 0, samples = 0;
    for (const Event& event : events_of(whole_)) {
      if (event.type != "step") continue;
      skipped += event.fields["skipped"].get<int64_t>();
      samples += event.fields["samples"].get<int64_t>();
    }
    QVERIFY(skipped > 0);
    QCOMPARE(skipped + samples, 18 * 4);
    const Event last = events_of(whole_).back();
    QCOMPARE(last.fields["skipped"].get<int64_t>(), skipped);
    QVERIFY(count_of(whole_, "warning") > 0);
  }

  void theSameSeedGivesTheSameEvents() {
    const RunFolder again = create_run(file_, "again");
    run(project_, again);
    QCOMPARE(comparable(events_of(again)), comparable(events_of(whole_)));
  }

  void anotherSeedGivesAnotherOrder() {
    Project project = project_;
    project.run.seed = 5;
    const RunFolder other = create_run(file_, "other-seed");
    run(project, other);
    QVERIFY(steps_of(other) != steps_of(whole_));
  }

  void resumingIsExact_data() {
    QTest::addColumn<int>("step");
    QTest::addColumn<QString>("precision");
    QTest::newRow("within the first stage") << 3 << "fp32";
    QTest::newRow("at a checkpoint") << 4 << "fp32";
    QTest::newRow("at a stage's end") << 6 << "fp32";
    QTest::newRow("within a later stage") << 15 << "fp32";
    QTest::newRow("with master weights") << 9 << "bf16";
  }

  void resumingIsExact() {
    QFETCH(int, step);
    QFETCH(QString, precision);
    Project project = project_;
    project.run.precision = precision.toStdString();
    RunFolder straight = whole_;
    if (precision != "fp32") run(project, straight = create_run(file_, "straight-" + precision.toStdString()));
    const RunFolder parts = create_run(file_, fmt::format("parts-{}-{}", precision.toStdString(), step));
    const RunResult result = run_in_two_parts(project, parts, step);
    QVERIFY(!result.stopped);
    QVERIFY(same_models(straight.checkpoints() / "DFT-18", result.checkpoint));
    QCOMPARE(steps_of(parts), steps_of(straight));
    QCOMPARE(count_of(parts, "stage_started"), 3);
  }

  void aKilledRunGoesOnFromItsLastCheckpoint() {
    const RunFolder killed = create_run(file_, "killed");
    const auto fault = [](const Event& event) {
      if (event.type == "step" && event.step == 11) throw std::runtime_error("power cut");
    };
    QVERIFY_THROWS_EXCEPTION(std::runtime_error, run(project_, killed, {}, fault));
    QCOMPARE(read_run_info(killed).status, std::string("failed"));
    const RunResult result = run(project_, killed, {.resume = true});
    QVERIFY(same_models(whole_.checkpoints() / "DFT-18", result.checkpoint));
    QCOMPARE(steps_of(killed), steps_of(whole_));
    QCOMPARE(read_run_info(killed).status, std::string("finished"));
  }

  void aDamagedCheckpointIsLeftOut_data() {
    QTest::addColumn<QString>("damaged");
    for (const char* file : {"state.json", "optimizer.safetensors", "model/model.safetensors"})
      QTest::newRow(file) << file;
  }

  void aDamagedCheckpointIsLeftOut() {
    QFETCH(QString, damaged);
    const std::string file = damaged.toStdString();
    const RunFolder folder = create_run(file_, fmt::format("damaged-{}", fs::path(file).filename().string()));
    run_until(project_, folder, 5);
    fs::resize_file(folder.checkpoints() / "DPT-5" / file, 20);
    const RunResult result = run(project_, folder, {.resume = true});
    QVERIFY(warns(folder, "DPT-5 is left out"));
    QVERIFY(same_models(whole_.checkpoints() / "DFT-18", result.checkpoint));
    QCOMPARE(steps_of(folder), steps_of(whole_));
    for (const auto& entry : fs::directory_iterator(folder.checkpoints()))
      if (entry.is_directory()) fs::resize_file(entry.path() / file, 20);
    QVERIFY_THROWS_EXCEPTION(UserError, run(project_, folder, {.resume = true}));
  }

  /// What the run went on from is removed in time; the tokenizer comes from what is there.
  void checkpointsAfterAResumeAreWhole() {
    Project project = project_;
    project.schedule = {"DPT"};
    project.run.checkpoint_every = project.run.keep_checkpoints = 1;
    const RunFolder folder = create_run(file_, "tokenizer");
    run_until(project, folder, 2);
    const RunResult result = run(project, folder, {.resume = true});
    QVERIFY(!fs::exists(folder.checkpoints() / "DPT-2"));
    QVERIFY(fs::exists(result.checkpoint / "model" / "tokenizer.json"));
  }

  /// A student of parts sees by the tower's settings, and so do its checkpoints.
  void thePictureSettingsAreTheTowers() {
    for (const auto& [part, mean] : {std::pair("language", 0.25), {"tower", 0.5}}) {
      fs::copy(file_.parent_path() / "student", file_.parent_path() / part);
      write_json(file_.parent_path() / part / "preprocessor_config.json",
                 {{"size", {{"height", 8}, {"width", 8}}}, {"image_mean", {mean, mean, mean}}});
    }
    Project project = project_;
    project.schedule = {"SFT"};
    project.student = {.language_model = "language", .vision_tower = "tower"};
    const RunResult result = run(project, create_run(file_, "parts"));
    QCOMPARE(sha256_of_file(result.checkpoint / "model" / "preprocessor_config.json"),
             sha256_of_file(file_.parent_path() / "tower" / "preprocessor_config.json"));
  }

  /// A stage whose steps are all done already is finished, and its checkpoint says so.
  void aLoweredNumberOfStepsEndsTheStage() {
    Project project = project_;
    project.schedule = {"DPT"};
    const RunFolder folder = create_run(file_, "lowered");
    run_until(project, folder, 3);
    project.stages[1].max_steps = 2;
    const RunResult result = run(project, folder, {.resume = true});
    QVERIFY(!result.stopped);
    QCOMPARE(result.checkpoint.filename().string(), std::string("DPT-3"));
    QVERIFY(read_json(result.checkpoint / "state.json")["stage_done"].get<bool>());
    QCOMPARE(count_of(folder, "stage_finished"), 1);
    QVERIFY(warns(folder, "stages.DPT.max_steps."));
  }

  void oneEngineAtATime() {
    const RunFolder folder = create_run(file_, "locked");
    RunControl control;
    const auto sink = [&](const Event& event) {
      if (event.type != "step" || event.step != 1) return;
      QVERIFY_THROWS_EXCEPTION(UserError, run(project_, folder, {.resume = true}));
      control.stop();
    };
    train(project_, file_, folder, sink, control);
    QCOMPARE(count_of(folder, "failed"), 0);
    QVERIFY(!run(project_, folder, {.resume = true}).stopped);
  }

  void aStageWithoutSamplesIsNamed() {
    Project project = project_;
    project.schedule = {"SFT"};
    project.max_length = 8;
    const RunFolder folder = create_run(file_, "without-samples");
    run(project, folder);
    QVERIFY(warns(folder, "SFT learnt from no sample"));
    QVERIFY(!warns(whole_, "learnt from no sample"));
  }

  void accumulationGivesTheBigBatch() {
    Project project = project_;
    for (StageOptions& stage : project.stages) stage.micro_batch_size = 4;
    const RunFolder big = create_run(file_, "big");
    const RunResult result = run(project, big);
    QVERIFY(largest_difference(whole_.checkpoints() / "DPT-6", big.checkpoints() / "DPT-6") < 1e-4);
    QVERIFY(largest_difference(whole_.checkpoints() / "DFT-18", result.checkpoint) < 2e-3);
  }

  void notANumberStopsTheRunAndNamesTheSample() {
    Project project = project_;
    for (StageOptions& stage : project.stages)
      if (stage.name == "SFT") stage.learning_rate = 1e30;
    const RunFolder folder = create_run(file_, "nan");
    try {
      run(project, folder);
      QFAIL("went on");
    } catch (const RunError& error) {
      QVERIFY2(QString(error.what()).contains("sample “s"), error.what());
    }
    const Event last = events_of(folder).back();
    QCOMPARE(last.type, std::string("failed"));
    QVERIFY(fs::exists(folder.checkpoints() / "DPT-6" / "model" / "model.safetensors"));
  }

  void pausesAndGoesOn() {
    const RunFolder folder = create_run(file_, "paused");
    RunControl control;
    const auto sink = [&](const Event& event) {
      if (event.type == "step" && event.step == 2) control.pause();
      if (event.type == "paused") {
        QCOMPARE(read_run_info(folder).status, std::string("paused"));
        control.resume();
      }
    };
    train(project_, file_, folder, sink, control);
    QCOMPARE(count_of(folder, "paused"), 1);
    QCOMPARE(count_of(folder, "resumed"), 1);
    QVERIFY(same_models(whole_.checkpoints() / "DFT-18", folder.checkpoints() / "DFT-18"));
  }

  void savesWhilePaused() {
    const RunFolder folder = create_run(file_, "saved-in-pause");
    RunControl control;
    const auto sink = [&](const Event& event) {
      if (event.type == "step" && event.step == 2) control.pause();
      if (event.type == "paused") control.save();
      if (event.type == "checkpoint") control.resume();
    };
    train(project_, file_, folder, sink, control);
    QVERIFY(fs::exists(folder.checkpoints() / "DPT-2" / "state.json"));
  }

  /// The damage of an old checkpoint doesn't end the run.
  void savesOnRequestAndKeepsTheNewest() {
    Project project = project_;
    project.schedule = {"DPT"};
    project.run.checkpoint_every = 1;
    project.run.keep_checkpoints = 2;
    const RunFolder folder = create_run(file_, "keeps");
    run(project, folder, {}, [&](const Event& event) {
      if (event.type == "step" && event.step == 3) fs::resize_file(folder.checkpoints() / "DPT-2" / "state.json", 20);
    });
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder.checkpoints()))
      if (entry.is_directory() && !entry.is_symlink()) names.insert(entry.path().filename().string());
    QCOMPARE(names, (std::set<std::string>{"DPT-2", "DPT-4", "DPT-5", "DPT-6"}));
  }

  void aStageStartsFromAnotherRunsStage() {
    Project project = project_;
    project.schedule = {"DPT"};
    const RunFolder first = create_run(file_, "first");
    const RunResult dpt = run(project, first);
    const RunFolder second = create_run(file_, "second");
    const RunResult result = run(project_, second, {.start_from = dpt.checkpoint});
    QVERIFY(same_models(whole_.checkpoints() / "DFT-18", result.checkpoint));
    QVERIFY(!fs::exists(second.checkpoints() / "DPT-6"));
  }

  void probesAreFollowed() {
    Project project = project_;
    project.schedule = {"DPT"};
    project.probes = {{.image = "images/0.png", .question = "What?"}, {.image = "images/1.png", .question = "Who?"}};
    project.probe_every = 3;
    const RunFolder folder = create_run(file_, "probes");
    run(project, folder);
    QCOMPARE(count_of(folder, "probe"), 3);
    for (const char* at : {"DPT-0", "DPT-3", "DPT-6"})
      for (const char* probe : {"0.safetensors", "1.safetensors"}) QVERIFY(fs::exists(folder.probes() / at / probe));
    for (const Event& event : events_of(folder))
      if (event.type == "probe") QVERIFY(event.fields["rdist"].is_number() && event.fields["probes"].size() == 2);
  }

  void evaluationsAreWritten() {
    Project project = project_;
    project.schedule = {"SFT"};
    project.evaluations = {{.file = "questions.json", .images = "images"}};
    const RunFolder folder = create_run(file_, "evaluated");
    run(project, folder);
    QCOMPARE(count_of(folder, "eval"), 1);
    const Json results = read_json(folder.evaluations() / "SFT-6.json");
    QVERIFY(results[0]["score"].is_number());
  }

  void mistakesAreNamed_data() {
    QTest::addColumn<QString>("setting");
    QTest::addColumn<QString>("message");
    QTest::newRow("data") << "data"
                          << "nowhere.json";
    QTest::newRow("teacher") << "teacher"
                             << "teacher.checkpoint";
    QTest::newRow("term twice") << "twice"
                                << "comes twice";
    QTest::newRow("nothing to learn from") << "weights"
                                           << "weight above 0";
  }

  void mistakesAreNamed() {
    QFETCH(QString, setting);
    QFETCH(QString, message);
    Project project = project_;
    if (setting == "data") project.stages[1].data = "nowhere.json";
    if (setting == "teacher") project.teacher.checkpoint.clear();
    if (setting == "twice") project.stages[1].terms.push_back({.term = "ce"});
    if (setting == "weights") project.stages[1].terms = {{.term = "ce", .weight = 0}};
    const RunFolder folder = create_run(file_, "mistake-" + std::to_string(qHash(setting)));
    try {
      run(project, folder);
      QFAIL("went on");
    } catch (const UserError& error) {
      QVERIFY2(QString(error.what()).contains(message), error.what());
    }
  }

  /// With one sample at a time, caches on disk change no bit: neither while they fill, nor when they spare the tower
  /// and the teacher, nor when they are damaged.
  void cachesOnDiskChangeNothing() {
    Project plain = project_;
    for (StageOptions& stage : plain.stages) stage.micro_batch_size = 1;
    const RunFolder without = create_run(file_, "without");
    const RunResult expected = run(plain, without);
    Project cached = plain;
    cached.run.vision_cache = cached.run.teacher_cache = "on";
    const auto folder = file_.parent_path() / "cache";
    std::vector<uintmax_t> sizes;
    for (const char* name : {"filling", "reading", "damaged"}) {
      const RunFolder with = create_run(file_, name);
      const RunResult result = run(cached, with);
      QVERIFY(same_models(expected.checkpoint, result.checkpoint));
      QCOMPARE(steps_of(with), steps_of(without));
      QCOMPARE(count_of(with, "warning") > count_of(without, "warning"), std::string(name) == "damaged");
      std::vector<uintmax_t> now;
      for (const auto& entry : fs::directory_iterator(folder)) now.push_back(entry.file_size());
      QCOMPARE(now.size(), 2UL);
      if (std::string(name) == "reading") QCOMPARE(now, sizes);
      sizes = now;
      for (const auto& entry : fs::directory_iterator(folder)) {
        std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
        if (std::string(name) != "reading") continue;
        file.seekp(128 + 128 + 20);
        file.write("damaged", 7);
      }
    }
  }

  void limitsOfMemoryAreRemembered() {
    Position position{.stage = "DPT", .limits = {.micro_batch_size = 2, .recompute = true}};
    const Position read = read_position(to_json(position, project_), project_, "state.json");
    QVERIFY(read.limits == position.limits);
  }

  /// A run goes on by the ways that it began with, whatever the process would choose.
  void waysOfComputingAreKept() {
    const RunFolder folder = create_run(file_, "ways");
    run_in_two_parts(project_, folder, 2);
    QCOMPARE(read_run_info(folder).versions["kernels"].get<std::string>(), to_string(KernelChoice{}));
    const MultimodalModel model = MultimodalModel(config_of_width(8), small_parameters(config_of_width(8), 1));
    const KernelChoice other{.float32_products = ProductRoute::onednn};
    QCOMPARE(settle_kernels(to_string(other), model, 80), to_string(other));
    QVERIFY(current_kernels() == other);
    QCOMPARE(settle_kernels("by hand", model, 80), to_string(KernelChoice{}));
    QVERIFY(current_kernels() == KernelChoice{});
  }

  void adviceKnowsWhatARunTook() {
    const auto advice = cache_advice(project_, file_);
    QCOMPARE(advice.size(), 2UL);
    QCOMPARE(advice[0].option, std::string("run.vision_cache"));
    QCOMPARE(advice[0].entries, 4);
    QCOMPARE(advice[0].bytes_per_entry, 128.0 + 3 * 8 * 4);
    QVERIFY(advice[0].passes > 4 && advice[0].seconds && *advice[0].seconds > 0);
    QCOMPARE(advice[1].entries, 20);  // DPT and DFT ask in different templates
    QVERIFY(advice[1].bytes_per_entry > 128 + 3 * 16 * 4);
    QVERIFY(advice[1].free_bytes > 0 && !advice[1].sentence.empty());
    Project broken = project_;
    broken.stages[1].data = "none.json";
    QVERIFY(cache_advice(broken, file_).empty());
  }
};

QTEST_GUILESS_MAIN(TestTrain)
#include "tst_train.moc"
