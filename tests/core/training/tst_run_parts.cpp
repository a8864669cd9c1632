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
#include "core/training/observers/checkpointer.h"
#include "core/training/run_context.h"
#include "core/training/stage.h"
#include "core/training/stage_plan.h"
#include "tests/core/training/tiny_project.h"

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
    QVERIFY(!plan.forward.teacher_hidden && !plan.forward.student_pictures);
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
