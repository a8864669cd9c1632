// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Runs that are stopped, killed or paused, and go on.
#include <QTest>
#include <algorithm>
#include <filesystem>

#include "core/base/errors.h"
#include "core/distributed/single_process.h"
#include "core/kernels/kernel_backends.h"
#include "core/run/run_checkpoints.h"
#include "core/run/train_progress.h"
#include "core/training/autotune_kernels.h"
#include "tests/core/training/tiny_runs.h"

using namespace llavakd;
namespace fs = std::filesystem;

class TestResume : public QObject, TinyRuns {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { QVERIFY(begin()); }

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
      if (event.is<StepEvent>() && event.step == 11) throw std::runtime_error("power cut");
    };
    QVERIFY_THROWS_EXCEPTION(std::runtime_error, run(project_, killed, {}, fault));
    QCOMPARE(read_run_info(killed).status, std::string("failed"));
    const RunResult result = run(project_, killed, {.resume = true});
    QVERIFY(same_models(whole_.checkpoints() / "DFT-18", result.checkpoint));
    QCOMPARE(steps_of(killed), steps_of(whole_));
    QCOMPARE(read_run_info(killed).status, std::string("finished"));
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

  void oneEngineAtATime() {
    const RunFolder folder = create_run(file_, "locked");
    RunControl control;
    const auto sink = [&](const Event& event) {
      if (!event.is<StepEvent>() || event.step != 1) return;
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
      if (event.is<StepEvent>() && event.step == 2) control.pause();
      if (event.is<PausedEvent>()) {
        QCOMPARE(read_run_info(folder).status, std::string("paused"));
        control.resume();
      }
    };
    train(project_, file_, folder, sink, control);
    QCOMPARE(count_of(folder, "paused"), 1);
    QCOMPARE(count_of(folder, "unpaused"), 1);
    QVERIFY(same_models(whole_.checkpoints() / "DFT-18", folder.checkpoints() / "DFT-18"));
  }

  void savesWhilePaused() {
    const RunFolder folder = create_run(file_, "saved-in-pause");
    RunControl control;
    const auto sink = [&](const Event& event) {
      if (event.is<StepEvent>() && event.step == 2) control.pause();
      if (event.is<PausedEvent>()) control.save();
      if (event.is<CheckpointEvent>()) control.resume();
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
    TrainProgress progress{.stage = "DPT", .limits = {.micro_batch_size = 2, .recompute = true}};
    const TrainProgress read = read_train_progress(to_json(progress, project_), "state.json");
    QVERIFY(read.limits == progress.limits);
  }

  /// A run goes on by the ways that it began with, whatever the process would choose.
  void waysOfComputingAreKept() {
    const RunFolder folder = create_run(file_, "ways");
    run_in_two_parts(project_, folder, 2);
    QCOMPARE(read_run_info(folder).versions["kernels"].get<std::string>(), to_string(KernelBackends{}));
    const MultimodalModel model = MultimodalModel(config_of_width(8), small_parameters(config_of_width(8), 1));
    SingleProcess alone;
    const KernelBackends other{.float32_matmul = MatmulBackend::onednn};
    QCOMPARE(autotune_kernels(to_string(other), model, 80, alone), to_string(other));
    QVERIFY(current_backends() == other);
    QCOMPARE(autotune_kernels("by hand", model, 80, alone), to_string(KernelBackends{}));
    QVERIFY(current_backends() == KernelBackends{});
  }

  /// Also where it was killed before its first checkpoint.
  void waysOfComputingAreKeptWithoutACheckpoint() {
    const RunFolder folder = create_run(file_, "ways-at-once");
    const auto fault = [](const Event& event) {
      if (event.is<StepEvent>()) throw std::runtime_error("power cut");
    };
    QVERIFY_THROWS_EXCEPTION(std::runtime_error, run(project_, folder, {}, fault));
    QVERIFY(list_training_checkpoints(folder.checkpoints()).empty());
    const std::string other = to_string(KernelBackends{.float32_matmul = MatmulBackend::onednn});
    RunInfo info = read_run_info(folder);
    info.versions["kernels"] = other;
    write_run_info(folder, info);
    run(project_, folder, {.resume = true});
    const std::string kept = read_run_info(folder).versions["kernels"].get<std::string>();
    set_backends({});
    QCOMPARE(kept, other);
  }

  /// Nothing is saved before the pictures are noted: a run that was killed before that begins again without a word of
  /// them; one that has saved something has lost what it noted.
  void picturesThatWereNotNotedYetAreNoLoss_data() {
    QTest::addColumn<bool>("saved");
    QTest::newRow("killed at its first step") << false;
    QTest::newRow("killed after a checkpoint") << true;
  }
  void picturesThatWereNotNotedYetAreNoLoss() {
    QFETCH(const bool, saved);
    const RunFolder folder = create_run(file_, saved ? "pictures-lost" : "pictures-not-yet");
    const auto fault = [](const Event& event) {
      if (event.is<StepEvent>()) throw std::runtime_error("power cut");
    };
    if (saved)
      run_until(project_, folder, 2);
    else
      QVERIFY_THROWS_EXCEPTION(std::runtime_error, run(project_, folder, {}, fault));
    fs::remove(folder.image_hashes());
    bool told = false;
    run(project_, folder, {.resume = true}, [&](const Event& event) {
      const auto* warning = event.as<WarningEvent>();
      told = told || (warning && warning->message.find("noted nothing of its pictures") != std::string::npos);
    });
    QCOMPARE(told, saved);
  }
};

QTEST_GUILESS_MAIN(TestResume)
#include "tst_resume.moc"
