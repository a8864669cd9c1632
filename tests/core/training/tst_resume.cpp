// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Runs that are stopped, killed or paused, and go on.
#include <QTemporaryDir>
#include <QTest>
#include <filesystem>

#include "core/io/json_file.h"
#include "core/kernels/choice.h"
#include "core/project/errors.h"
#include "core/training/run_record.h"
#include "core/training/settle_kernels.h"
#include "core/training/train.h"
#include "tests/core/training/run_results.h"
#include "tests/core/training/tiny_project.h"

using namespace llavakd;
namespace fs = std::filesystem;

class TestResume : public QObject {
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
    QCOMPARE(run(project_, whole_).steps, 18);
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
};

QTEST_GUILESS_MAIN(TestResume)
#include "tst_resume.moc"
