// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// What a run is made of, each part alone: the plan of a stage, and the checkpoints.
#include <QTemporaryDir>
#include <QTest>
#include <filesystem>
#include <memory>
#include <vector>

#include "core/checkpoint/training_state.h"
#include "core/distributed/single_process.h"
#include "core/kernels/kernel_backends.h"
#include "core/run/run_notes.h"
#include "core/training/disk_guard.h"
#include "core/training/observers/checkpointer.h"
#include "core/training/run_context.h"
#include "core/training/stage.h"
#include "core/training/stage_plan.h"
#include "tests/core/training/tiny_project.h"
#include "tests/run_events.h"

using namespace llavakd;
namespace fs = std::filesystem;

namespace {

/// A rank that isn't the leader.
class Follower : public SingleProcess {
 public:
  int64_t rank() const override { return 1; }
  /// What the leader would say of the kernels.
  std::string broadcast(const std::string& /*text*/) override { return to_string(KernelBackends{}); }
};

}  // namespace

class TestRunParts : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  fs::path file_;
  Project project_;
  RunControl control_;

  /// A run with open models that has done this many steps of its last stage.
  std::unique_ptr<RunContext> context(const Project& project, const std::string& id, int64_t steps,
                                      const TrainOptions& options = {}) {
    auto run = std::make_unique<RunContext>(project, file_, create_run(file_, id), EventSink(), control_, options);
    run->state.progress = {.stage_index = 2, .stage = "DFT", .stage_step = steps, .step = steps};
    if (run->communicator->is_leader()) run->record.emplace(run->folder, EventSink(), std::nullopt, false);
    open_models(*run);
    return run;
  }

  static std::vector<std::string> saved(const RunContext& run) {
    std::vector<std::string> names;
    for (const fs::path& folder : list_training_checkpoints(run.folder.checkpoints()))
      names.push_back(folder.filename().string());
    return names;
  }

 private Q_SLOTS:
  void initTestCase() {
    file_ = fs::path(dir_.path().toStdString()) / "tiny.kdproj";
    project_ = write_tiny_project(file_.parent_path());
    project_.run.checkpoint_every = 2;
  }

  void aPlanSaysWhatIsDoneOnce() {
    const auto run = context(project_, "plan", 0);
    const StageOptions& stage = run->stage();
    const auto dataset = run->dataset_of(stage);
    RunCaches caches;
    const StagePlan plan = plan_stage(*run, stage, terms_of(stage), *dataset, caches);
    QVERIFY(plan.forward.same_tower && plan.forward.keep_features && plan.forward.reads_head_gram);
    QVERIFY(!plan.forward.tower_learns && plan.forward.may_recompute);
    QVERIFY(!plan.forward.teacher_hidden && !plan.forward.student_features);
    QVERIFY(plan.limits == MemoryLimits{});
  }

  /// The plan gives the limits; the run's own stay as they are until the loop takes them over.
  void aPlanKeepsLoweredLimits() {
    Project project = project_;
    project.run.activation_checkpointing = "on";
    const auto run = context(project, "limits", 0);
    run->state.progress.limits.micro_batch_size = 1;
    RunCaches caches;
    const StageOptions& stage = run->stage();
    const StagePlan plan = plan_stage(*run, stage, terms_of(stage), *run->dataset_of(stage), caches);
    QVERIFY(plan.limits == (MemoryLimits{.micro_batch_size = 1, .recompute = true}));
    QVERIFY(!run->state.progress.limits.recompute);
  }

  void checkpointsAreWrittenWhenItIsTime() {
    const auto run = context(project_, "checkpoints", 1);
    const MultimodalModel student = make_trainable(run->models.student->model, run->stage());
    const AdamW optimizer(trained_parameters(student), {});
    const Trained trained{student, optimizer};
    Checkpointer checkpoints(*run);
    checkpoints.after_step(trained, false);
    QVERIFY(saved(*run).empty());
    control_.save();
    checkpoints.after_step(trained, false);
    QCOMPARE(saved(*run), std::vector<std::string>{"DFT-1"});
    checkpoints.save(trained);  // nothing new
    ++run->state.progress.stage_step, ++run->state.progress.step;
    checkpoints.after_step(trained, false);
    QCOMPARE(run->state.saved_at, 2);
    QVERIFY(!read_training_state(run->state.checkpoint).optimizer.empty());
    // At the stage's end no optimizer is kept.
    ++run->state.progress.stage_step, ++run->state.progress.step;
    checkpoints.after_step(trained, true);
    QCOMPARE(run->state.saved_at, 2);
    run->state.progress.stage_done = true;
    checkpoints.after_stage(trained);
    QCOMPARE(run->state.checkpoint.filename().string(), std::string("DFT-3"));
    QVERIFY(read_training_state(run->state.checkpoint).optimizer.empty());
  }

  /// Which are kept is the rules' to say; a pinned one stays.
  void pinnedAndBestCheckpointsAreKept() {
    Project project = project_;
    project.run.checkpoint_every = project.run.keep_checkpoints = 1;
    project.run.keep_best_checkpoints = 1;
    const auto run = context(project, "kept", 0);
    const MultimodalModel student = make_trainable(run->models.student->model, run->stage());
    const AdamW optimizer(trained_parameters(student), {});
    const Trained trained{student, optimizer};
    Checkpointer checkpoints(*run);
    for (const double total : {3.0, 1.0, 2.0, 2.5}) {
      ++run->state.progress.stage_step, ++run->state.progress.step;
      run->state.totals = 2 * total;
      run->state.totals_of = 2;
      checkpoints.after_step(trained, false);
      if (run->state.progress.step == 1) pin_checkpoint(run->folder, "DFT-1");
    }
    QCOMPARE(saved(*run), (std::vector<std::string>{"DFT-1", "DFT-2", "DFT-4"}));
    QCOMPARE(run_checkpoints(run->folder)[1].mean_total, 1.0);
    QCOMPARE(run->state.totals_of, 0);
  }

  void aFullDiskPausesTheRun() {
    int looks = 0;
    TrainOptions options;
    options.bytes_left = [&](const fs::path&) {
      return ++looks < 4 ? int64_t{10} : int64_t{1} << 40;
    };
    const auto run = context(project_, "full", 0, options);
    wait_for_room(*run, 1000);
    QCOMPARE(int(control_.state()), int(RunControl::State::running));
    const std::vector<Event> events = events_of(run->folder.events());
    QCOMPARE(events.size(), size_t{2});
    const auto* paused = events[0].as<PausedEvent>();
    QVERIFY(paused &&
            paused->reason.find("has 10 B left, and the next checkpoint needs 0.98 KiB") != std::string::npos);
    QVERIFY(events[1].is<UnpausedEvent>());
    wait_for_room(*run, 1000);
    QCOMPARE(count_of(events_of(run->folder.events()), "paused"), 1);
  }

  /// A person who has paused the run, or wants to stop it, isn't overruled.
  void aFullDiskKeepsNobodyWaiting() {
    RunControl control;
    int looks = 0;
    TrainOptions options;
    options.bytes_left = [&](const fs::path&) {
      if (++looks == 3) control.stop();
      return int64_t{0};
    };
    RunContext run(project_, file_, create_run(file_, "nobody"), EventSink(), control, options);
    run.record.emplace(run.folder, EventSink(), std::nullopt, false);
    control.pause();
    wait_for_room(run, 1000);
    QCOMPARE(int(control.state()), int(RunControl::State::paused));
    QCOMPARE(looks, 0);
    control.resume();
    wait_for_room(run, 1000);
    QCOMPARE(int(control.state()), int(RunControl::State::stopping));
    QCOMPARE(count_of(events_of(run.folder.events()), "unpaused"), 0);
  }

  void onlyTheLeaderWrites() {
    const auto run = context(project_, "follower", 2, {.communicator = std::make_shared<Follower>()});
    const MultimodalModel student = make_trainable(run->models.student->model, run->stage());
    const AdamW optimizer(trained_parameters(student), {});
    Checkpointer(*run).save({student, optimizer});
    run->warn("nobody reads this");
    QVERIFY(saved(*run).empty() && !fs::exists(run->folder.events()));
  }
};

QTEST_APPLESS_MAIN(TestRunParts)
#include "tst_run_parts.moc"
