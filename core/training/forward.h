// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <optional>

#include "core/losses/distillation_loss.h"
#include "core/models/multimodal_model.h"
#include "core/training/batch.h"
#include "core/training/feature_cache.h"
#include "core/training/phases.h"

namespace llavakd {

/// Sends micro-batches through the student and, before it, the teacher. A frozen tower runs once for both when they
/// have the same one, and once a picture when the features fit into memory.
class Forward {
 public:
  struct Plan {
    bool tower_learns = false;  ///< The student's: its features can neither be shared nor kept.
    bool same_tower = false;
    bool keep_features = false;
    bool relates_logits = false;  ///< rdist on logits is asked for.
  };
  /// The models must outlive this; `teacher` may be null.
  Forward(const MultimodalModel* teacher, const MultimodalModel& student, Plan plan);

  struct Result {
    std::optional<Prediction> teacher;
    Prediction student;
  };
  /// Adds to the phases vision, teacher and student.
  Result operator()(const MicroBatch& batch, StepPhases& phases);

 private:
  at::Tensor features(const MultimodalModel& model, const MicroBatch& batch, FeatureCache& cache, bool learns,
                      StepPhases& phases) const;

  const MultimodalModel* teacher_;
  const MultimodalModel& student_;
  Plan plan_;
  FeatureCache teacher_cache_, student_cache_;
  at::Tensor teacher_gram_;
};

}  // namespace llavakd
