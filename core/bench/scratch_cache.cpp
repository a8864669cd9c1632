// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/bench/scratch_cache.h"

#include "core/training/disk_cache.h"

namespace llavakd {

void ScratchCache::open(Forward::Plan& plan, const MultimodalModel* teacher, const MultimodalModel& student) const {
  const auto hashes = std::make_shared<ImageHashes>();
  const ImageProcessor none{};  // the images are pixels already
  const auto features_of = [&](const MultimodalModel& model) {
    return std::make_shared<VisionFeatureStore>(folder_.path(), model, none, AspectRatio::square, hashes);
  };
  plan.student_features = features_of(student);
  if (!teacher) return;
  plan.teacher_features = plan.same_tower ? plan.student_features : features_of(*teacher);
  plan.teacher_hidden = std::make_shared<TeacherStore>(folder_.path(), *teacher, none, AspectRatio::square, hashes);
}

}  // namespace llavakd
