// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/bench/scratch_cache.h"

#include <stdlib.h>

#include "core/base/errors.h"
#include "core/training/disk_cache.h"

namespace llavakd {
ScratchCache::ScratchCache() {
  std::string name = (std::filesystem::temp_directory_path() / "llavakd-bench-XXXXXX").string();
  if (!mkdtemp(name.data())) throw RunError(name + " can't be made: the folder for temporary files is closed or full.");
  folder_ = name;
}

ScratchCache::~ScratchCache() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void ScratchCache::open(Forward::Plan& plan, const MultimodalModel* teacher, const MultimodalModel& student) const {
  const auto hashes = std::make_shared<ImageHashes>();
  const ImageProcessor none{};  // the images are pixels already
  const auto features_of = [&](const MultimodalModel& model) {
    return std::make_shared<VisionFeatureStore>(folder_, model, none, AspectRatio::square, hashes);
  };
  plan.student_features = features_of(student);
  if (!teacher) return;
  plan.teacher_features = plan.same_tower ? plan.student_features : features_of(*teacher);
  plan.teacher_hidden = std::make_shared<TeacherStore>(folder_, *teacher, none, AspectRatio::square, hashes);
}

}  // namespace llavakd
