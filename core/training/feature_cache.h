// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include "core/models/multimodal_model.h"
#include "core/training/disk_cache.h"

namespace llavakd {

/// Memory that features of a stage's images may take before they are computed again each time.
inline constexpr int64_t feature_budget_bytes = int64_t{512} << 20;

/// Features of a frozen tower, each image's kept in memory, on disk or both after it was first seen. An image always
/// goes through the tower alone, so that its features are the same bits whichever batch it came in first: a resumed run
/// starts with an empty cache.
class FeatureCache {
 public:
  using LoadPixels = std::function<at::Tensor(const ImageRef& image)>;

  /// `on_disk` may be null. `load` gives the pixels [3, H, W] of an image that comes without, against expectation.
  FeatureCache(bool in_memory, std::shared_ptr<VisionFeatureStore> on_disk, LoadPixels load)
      : in_memory_(in_memory), on_disk_(std::move(on_disk)), load_(std::move(load)) {}

  bool keeps() const { return in_memory_ || on_disk_; }

  /// Whether the features of this many images fit into the budget.
  static bool fits(const MultimodalModel& model, int64_t images);

  /// Images with their pixels [3, H, W], which one that was seen before may lack ->
  /// [images, feature_tokens, vision_width].
  at::Tensor features(const MultimodalModel& model, const std::vector<ImageRef>& images,
                      const std::vector<at::Tensor>& pixels);

 private:
  at::Tensor one(const MultimodalModel& model, const ImageRef& image, const at::Tensor& pixels);

  const bool in_memory_;
  const std::shared_ptr<VisionFeatureStore> on_disk_;
  const LoadPixels load_;
  std::unordered_map<ImageRef, at::Tensor> features_;
};

}  // namespace llavakd
