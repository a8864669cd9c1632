// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/losses/distillation_loss.h"
#include "core/models/multimodal_model.h"
#include "core/training/batch.h"
#include "core/training/disk_cache.h"
#include "core/training/feature_cache.h"
#include "core/training/phases.h"

namespace llavakd {

/// Sends micro-batches through the student and, before it, the teacher. A frozen tower runs once for both when they
/// have the same one, and once an image when the features fit into memory or a cache on disk is on. With the teacher's
/// cache each sample goes through the teacher alone and once.
class Forward {
 public:
  struct Plan {
    bool tower_learns = false;  ///< The student's: its features can neither be shared nor kept.
    bool same_tower = false;
    bool keep_features = false;
    bool reads_head_gram = false;  ///< A term reads WᵀW of the heads.
    bool may_recompute = true;     ///< Where memory does not suffice.
    /// Optional caches on disk; with the same tower, one is both models'.
    std::shared_ptr<VisionFeatureStore> teacher_features, student_features;
    std::shared_ptr<TeacherStore> teacher_hidden;
    FeatureCache::LoadPixels load_pixels;  ///< Needed where images may come without pixels.

    /// Whether caches on disk spare the decoding of an image. For worker threads.
    bool has_features(const ImageRef& image) const;
    /// Of the caches on disk.
    std::vector<std::string> take_warnings() const;
  };
  /// The models must outlive this; `teacher` may be null.
  Forward(const MultimodalModel* teacher, const MultimodalModel& student, Plan plan);

  struct Result {
    std::optional<ModelOutput> teacher;
    ModelOutput student;
  };
  /// Adds to the phases vision, teacher and student. `recompute`: the student's graph keeps its layers' inputs only.
  /// `collect`: where its backward leaves the gradients of embeddings (embedding_lookup()).
  Result operator()(const MicroBatch& batch, bool recompute, StepPhases& phases,
                    const std::shared_ptr<RowGradients>& collect);

 private:
  void add_gram(ModelOutput& prediction, at::Tensor& gram) const;
  /// Sets `vision` to the features of the images where the tower had to run.
  ModelOutput run_teacher(const MicroBatch& batch, at::Tensor& vision, StepPhases& phases);
  at::Tensor features(const MultimodalModel& model, const MicroBatch& batch, FeatureCache& cache, bool learns,
                      StepPhases& phases) const;
  bool shares_tower() const { return plan_.same_tower && !plan_.tower_learns; }

  const MultimodalModel* teacher_;
  const MultimodalModel& student_;
  Plan plan_;
  FeatureCache teacher_cache_, student_cache_;
  at::Tensor teacher_gram_, student_gram_;
};

}  // namespace llavakd
