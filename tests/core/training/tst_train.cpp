// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>

#include "core/base/errors.h"
#include "core/base/sha256.h"
#include "core/checkpoint/open_checkpoint.h"
#include "core/preflight/cache_advice.h"
#include "core/training/train.h"
#include "tests/core/training/run_results.h"
#include "tests/core/training/tiny_project.h"

using namespace llavakd;
namespace fs = std::filesystem;

namespace {

using Json = nlohmann::ordered_json;

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

  /// What a run that can't go on says.
  QString refusal(const Project& project, const RunFolder& folder, const EventSink& sink = {}) {
    try {
      run(project, folder, {}, sink);
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return {};
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
    const std::vector<Event> events = events_of(whole_);
    QVERIFY(events.back().is<RunFinishedEvent>());
    QCOMPARE(count_of(whole_, "step"), 18);
    QCOMPARE(count_of(whole_, "stage_started"), 3);
    QCOMPARE(count_of(whole_, "stage_finished"), 3);
    QCOMPARE(count_of(whole_, "checkpoint"), 6);
    const auto* started = events.front().as<RunStartedEvent>();
    QVERIFY(started);
    std::string plan;
    for (const PlannedStage& stage : started->stages) plan += fmt::format("{} {} ", stage.name, stage.steps);
    QCOMPARE(plan, std::string("DPT 6 SFT 6 DFT 6 "));
  }

  void theRunSaysWhatItWasMadeFrom() {
    const RunInfo info = read_run_info(whole_);
    QCOMPARE(info.status, std::string("finished"));
    QVERIFY(!info.pid);
    QCOMPARE(info.project["name"].get<std::string>(), std::string("tiny"));
    QVERIFY(info.versions.contains("libtorch"));
    const fs::path weights = file_.parent_path() / "teacher" / "model.safetensors";
    QCOMPARE(info.inputs["teacher/model.safetensors"]["sha256"].get<std::string>(), sha256_of_file(weights));
    QCOMPARE(info.inputs["teacher/model.safetensors"]["bytes"].get<uint64_t>(), fs::file_size(weights));
    QVERIFY(info.inputs.contains("data.json"));
    QVERIFY(fs::file_size(whole_.image_hashes()) > 0);
  }

  void stepsHaveTheFieldsOfTheDesign() {
    for (const Event& event : events_of(whole_)) {
      const auto* step = event.as<StepEvent>();
      if (!step) continue;
      for (const double number : {step->grad_norm, step->learning_rate, step->seconds, step->waiting_seconds})
        QVERIFY(std::isfinite(number));
      QVERIFY(step->tokens > 0 && !step->phases.empty() && step->memory_bytes > 0);
      QCOMPARE(step->terms.size(), event.stage == "SFT" ? 1U : 4U);
      double total = 0;
      for (const auto& [name, value] : step->weighted) {
        QCOMPARE(value, number_of(step->terms, name) * (name == "rdist" ? 0.5 : 1.0));
        total += value;
      }
      QVERIFY(std::abs(total - step->total) < 1e-12);
    }
  }

  void termsFall() {
    std::map<std::string, std::pair<double, double>> totals;
    for (const Event& event : events_of(whole_)) {
      const auto* step = event.as<StepEvent>();
      if (!step) continue;
      auto& [first, last] = totals[event.stage];
      last = step->total;
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
      const auto* step = event.as<StepEvent>();
      if (!step) continue;
      skipped += step->skipped;
      samples += step->samples;
    }
    QVERIFY(skipped > 0);
    QCOMPARE(skipped + samples, 18 * 4);
    const Event last = events_of(whole_).back();
    QCOMPARE(last.as<RunFinishedEvent>()->skipped, skipped);
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

  void aStageWithoutSamplesEndsTheRun() {
    Project project = project_;
    project.schedule = {"DPT", "SFT"};
    project.stages[2].data = "long.json";
    const Json turns = {{{"from", "human"}, {"value", "<image>\n" + std::string(90, 'x')}},
                        {{"from", "gpt"}, {"value", "a fox"}}};
    write_json(file_.parent_path() / "long.json",
               Json::array({{{"id", "s"}, {"image", "0.png"}, {"conversations", turns}}}));
    const RunFolder folder = create_run(file_, "without-samples");
    const QString said = refusal(project, folder);
    QVERIFY2(said.contains("Stage SFT: none of the samples") && said.contains("saved at step 6"), qPrintable(said));
    QVERIFY(events_of(folder).back().is<FailedEvent>());
    QCOMPARE(count_of(folder, "step"), 6);
  }

  /// The drive with the pictures goes away and comes back: nothing is learnt in between, and nothing is lost.
  void theRunStopsWhereItsPicturesGo() {
    const fs::path images = file_.parent_path() / "images", gone = file_.parent_path() / "gone";
    const RunFolder folder = create_run(file_, "pictures-gone");
    const QString said = refusal(project_, folder, [&](const Event& event) {
      if (event.is<StepEvent>() && event.step == 6) fs::rename(images, gone);
    });
    QVERIFY2(said.contains("Stage SFT") && said.contains("0.png"), qPrintable(said));
    QVERIFY(steps_of(folder).size() < steps_of(whole_).size());
    fs::rename(gone, images);
    run(project_, folder, {.resume = true});
    QCOMPARE(steps_of(folder), steps_of(whole_));
  }

  /// Features that are kept of some pictures don't hide that the others are gone.
  void keptFeaturesDontHideLostPictures() {
    const fs::path images = file_.parent_path() / "many";
    fs::create_directories(images);
    Json samples = Json::array();
    for (int i = 0; i < 10; ++i) {
      write_picture(images / fmt::format("{}.png", i), i);
      const Json turns = {{{"from", "human"}, {"value", "<image>\nWho?"}}, {{"from", "gpt"}, {"value", "a fox"}}};
      samples.push_back({{"id", fmt::format("m{}", i)}, {"image", fmt::format("{}.png", i)}, {"conversations", turns}});
    }
    write_json(file_.parent_path() / "many.json", samples);
    Project project = project_;
    project.schedule = {"SFT"};
    StageOptions& stage = project.stages[2];
    stage.data = "many.json";
    stage.images = "many";
    stage.batch_size = stage.micro_batch_size = 1;
    stage.max_steps = 9;
    project.run.workers = 1;
    const RunFolder folder = create_run(file_, "some-kept");
    const QString said = refusal(project, folder, [&](const Event& event) {
      if (event.is<StepEvent>() && event.step == 2) fs::rename(images, file_.parent_path() / "many-gone");
    });
    QVERIFY2(said.contains("none of the samples"), qPrintable(said));
    QVERIFY(count_of(folder, "step") < 9);
  }

  void aStageThatLearnsNothingIsNoResult() {
    const Json turns = {{{"from", "human"}, {"value", "Who?"}}, {{"from", "gpt"}, {"value", "a fox"}}};
    write_json(file_.parent_path() / "text.json", Json::array({{{"id", "t"}, {"conversations", turns}}}));
    Project project = project_;
    project.schedule = {"DPT", "PT"};
    project.stages[0].data = "text.json";
    project.stages[0].conversation_template.clear();  // its own wants a picture
    const RunFolder folder = create_run(file_, "nothing-learnt");
    const QString said = refusal(project, folder);
    QVERIFY2(said.contains("PT learnt nothing in its 3 steps") && said.contains("gradient"), qPrintable(said));
    QVERIFY(events_of(folder).back().is<FailedEvent>());
    // Neither does going on make it one.
    RunControl control;
    QVERIFY_THROWS_EXCEPTION(RunError, train(project, file_, folder, {}, control, {.resume = true}));
  }

  void aStageOfOneStepIsAllWarmUp() {
    Project project = project_;
    project.schedule = {"SFT"};
    project.stages[2].max_steps = 1;
    const RunFolder folder = create_run(file_, "warm-up");
    run(project, folder);
    QVERIFY(warns(folder, "SFT learnt nothing: its only step"));
    QVERIFY(!warns(whole_, "learnt nothing"));
  }

  void withoutStagesThereIsNoRun() {
    Project project = project_;
    project.stages.clear();
    project.schedule.clear();
    QVERIFY(refusal(project, create_run(file_, "no-stages")).contains("no stages"));
  }

  /// Where no folder is named the images are next to the data file, wherever the program runs.
  void picturesBesideTheData() {
    fs::copy_file(file_.parent_path() / "data.json", file_.parent_path() / "images/data.json");
    Project project = project_;
    for (StageOptions& stage : project.stages) {
      stage.data = "images/data.json";
      stage.images.clear();
    }
    const RunFolder folder = create_run(file_, "beside");
    run(project, folder);
    QCOMPARE(steps_of(folder), steps_of(whole_));
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
    const auto* failed = last.as<FailedEvent>();
    QVERIFY(failed != nullptr);
    QCOMPARE(last.stage, std::string("SFT"));
    // Where a step overflows as a whole, none of its samples is the cause.
    QCOMPARE(failed->sample.has_value(), failed->message.find("overflowed") == std::string::npos);
    if (failed->sample) QVERIFY(failed->message.find("“" + *failed->sample + "”") != std::string::npos);
    QVERIFY(fs::exists(folder.checkpoints() / "DPT-6" / "model" / "model.safetensors"));
  }

  /// The damage of an old checkpoint doesn't end the run.
  void savesOnRequestAndKeepsTheNewest() {
    Project project = project_;
    project.schedule = {"DPT"};
    project.run.checkpoint_every = 1;
    project.run.keep_checkpoints = 2;
    const RunFolder folder = create_run(file_, "keeps");
    run(project, folder, {}, [&](const Event& event) {
      if (event.is<StepEvent>() && event.step == 3) fs::resize_file(folder.checkpoints() / "DPT-2" / "state.json", 20);
    });
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder.checkpoints()))
      if (entry.is_directory() && !entry.is_symlink()) names.insert(entry.path().filename().string());
    QCOMPARE(names, (std::set<std::string>{"DPT-2", "DPT-4", "DPT-5", "DPT-6"}));
  }

  /// Before the disk is full: the run waits, and its result is that of one that didn't have to.
  void aRunPausesBeforeTheDiskIsFull() {
    const RunFolder folder = create_run(file_, "full");
    bool full = false;
    std::string status, reason;
    TrainOptions options;
    options.bytes_left = [&](const fs::path&) {
      return full ? int64_t{0} : int64_t{1} << 40;
    };
    run(project_, folder, options, [&](const Event& event) {
      if (event.is<StepEvent>() && event.step == 3) full = true;
      const auto* paused = event.as<PausedEvent>();
      if (!paused) return;
      reason = paused->reason;
      status = read_run_info(folder).status;
      full = false;
    });
    QCOMPARE(status, std::string("paused"));
    QVERIFY2(reason.find("has 0 B left") != std::string::npos, reason.c_str());
    QCOMPARE(count_of(folder, "paused"), 1);
    QCOMPARE(count_of(folder, "unpaused"), 1);
    QCOMPARE(steps_of(folder), steps_of(whole_));
    QVERIFY(same_models(whole_.checkpoints() / "DFT-18", folder.checkpoints() / "DFT-18"));
  }

  /// A probe's picture that goes away ends its line, not the run.
  void aProbeThatGoesIsNamed() {
    Project project = project_;
    project.schedule = {"DPT"};
    fs::copy_file(file_.parent_path() / "images/0.png", file_.parent_path() / "probe.png");
    project.probes = {{.image = "probe.png", .question = "What?"}, {.image = "images/1.png", .question = "Who?"}};
    project.probe_every = 3;
    const RunFolder folder = create_run(file_, "probe-gone");
    run(project, folder, {}, [&](const Event& event) {
      if (event.is<StepEvent>() && event.step == 2) fs::remove(file_.parent_path() / "probe.png");
    });
    QVERIFY(warns(folder, "Probe 1 isn't looked at in step 3"));
    std::vector<size_t> looked_at;
    for (const Event& event : events_of(folder))
      if (const auto* probe = event.as<ProbeEvent>()) looked_at.push_back(probe->probes.size());
    QCOMPARE(looked_at, (std::vector<size_t>{2, 1, 1}));
    QVERIFY(events_of(folder).back().is<RunFinishedEvent>());
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
      if (const auto* probe = event.as<ProbeEvent>())
        QVERIFY(std::isfinite(number_of(probe->means, "rdist")) && probe->probes.size() == 2);
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

  void adviceKnowsWhatARunTook() {
    const auto advice = cache_advice(project_, file_, read_newest_run(file_));
    QCOMPARE(advice.size(), 2UL);
    QCOMPARE(advice[0].option, std::string("run.vision_cache"));
    QCOMPARE(advice[0].entries, 4);
    QCOMPARE(advice[0].bytes_per_entry, 128.0 + 3 * 8 * 4);
    QVERIFY(advice[0].passes > 4 && advice[0].seconds && *advice[0].seconds > 0);
    QCOMPARE(advice[1].entries, 20);  // DPT and DFT ask in different templates
    QVERIFY(advice[1].bytes_per_entry > 128 + 3 * 16 * 4);
    QVERIFY(advice[1].free_bytes > 0 && !advice[1].sentence.empty());
    Project without = project_;
    without.teacher.checkpoint = "none";
    QCOMPARE(cache_advice(without, file_, {}).size(), 1UL);  // nothing is known of a teacher that isn't there
    Project broken = project_;
    broken.stages[1].data = "none.json";
    QVERIFY(cache_advice(broken, file_, {}).empty());
  }
};

QTEST_GUILESS_MAIN(TestTrain)
#include "tst_train.moc"
