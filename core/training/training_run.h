// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <exception>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/checkpoint/loaded_model.h"
#include "core/checkpoint/training_state.h"
#include "core/run/run_control.h"
#include "core/training/adamw.h"
#include "core/training/batch.h"
#include "core/training/disk_cache.h"
#include "core/training/forward.h"
#include "core/training/run_record.h"
#include "core/training/stage_data.h"
#include "core/training/train.h"

namespace llavakd {

/// What the stages of a run share: the two models, where the run is, and its record on disk. The loop itself is in
/// train.cpp.
class TrainingRun {
 public:
  TrainingRun(const Project& project, std::filesystem::path project_file, const RunFolder& run, const EventSink& sink,
              RunControl& control, const TrainOptions& options);

  /// Opens the models and the checkpoint to go on from, and refuses what can't be trained.
  void open();
  /// Moves on to the next stage that isn't done; false when none is left or the run is to stop.
  bool next_stage();
  /// The present stage's data from the present step on.
  StageDataOptions data_options();
  /// How the stage's samples go through the models, and the caches for it.
  Forward::Plan plan_for(const StageOptions& stage, const std::vector<Term>& terms, const Dataset& dataset);
  /// Says that the stage starts or goes on.
  void begin_stage(const MultimodalModel& trained, int64_t total_steps, int64_t samples);
  /// Waits while the run is paused. False, after a checkpoint, when the run is to stop.
  bool may_go_on(const MultimodalModel& trained, const AdamW& optimizer);
  /// Ends the run, saved, where a batch lacks samples because the data is gone: throws RunError. To be asked before
  /// anything is learnt from the batch.
  void refuse_lost_data(const StageData& data, const StepBatch& batch, const MultimodalModel& trained,
                        const AdamW& optimizer);
  /// Moves the position by one optimizer step.
  void count_step(const StepBatch& batch, double gradient_norm, double learning_rate);
  /// Looks at the probes and saves where it is time.
  void after_step(const MultimodalModel& trained, const AdamW& optimizer, bool stage_done);
  /// Evaluates the result and closes the record.
  RunResult finish();
  /// Closes the record of a run that can't go on.
  void fail(const std::exception& error);

  void emit(EventBody body);
  void warn(const std::string& message) { emit(WarningEvent{.message = message}); }

  const Project project;
  const std::filesystem::path project_file;
  std::vector<StageOptions> stages;  ///< In the order in which they run.
  Position position;
  std::optional<LoadedModel> teacher;
  std::optional<LoadedModel> student;  ///< As the present stage began.
  bool shared_tower = false;
  /// The optimizer's state within a stage, right after resuming.
  std::optional<TensorMap> optimizer_state;

 private:
  std::shared_ptr<const Dataset> dataset_of(const StageOptions& stage);
  void name_faults();
  void name_changes(const std::optional<std::vector<OptionChange>>& changes);
  void name_passed_over();
  void refuse_unlearnt_stage();
  void open_checkpoint_of_run();
  RunOrigin compared_origin();
  TrainingState open_first_whole(const std::vector<std::filesystem::path>& checkpoints);
  OpenOptions open_options() const;
  void open_models();
  void check_pair();
  void save(const MultimodalModel& trained, const AdamW& optimizer);
  void remove_old_checkpoints();
  void look_at_probes(const MultimodalModel& trained);
  void evaluate();
  bool has_checkpoint() const;
  std::filesystem::path student_source() const;
  void open_caches(Forward::Plan& plan, bool with_teacher);

  const RunFolder run_;
  const EventSink sink_;
  RunControl& control_;
  const TrainOptions options_;
  std::optional<RunLock> lock_;
  std::optional<RunRecord> record_;
  std::vector<std::string> early_warnings_;                                   ///< Of the time before there is a record.
  std::map<std::filesystem::path, std::shared_ptr<const Dataset>> datasets_;  ///< By data file.
  std::shared_ptr<PictureHashes> picture_hashes_ = std::make_shared<PictureHashes>();
  std::shared_ptr<TeacherStore> teacher_store_;
  std::filesystem::path checkpoint_;  ///< The newest, or the one that the run starts from.
  int64_t saved_at_ = -1;             ///< Step of the newest checkpoint of this run.
  bool stopped_ = false;
  std::set<std::string> truncated_;  ///< Files of pictures that a warning has named.
};

/// Trains one stage from run.position on and leaves the result in run.student.
void train_stage(TrainingRun& run);

}  // namespace llavakd
