// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <string>
#include <unordered_map>
#include <vector>

#include "core/models/multimodal_model.h"

namespace llavakd {

/// Memory that features of a stage's pictures may take before they are computed anew each time.
inline constexpr int64_t feature_budget_bytes = int64_t{512} << 20;

/// Features of a frozen tower, each picture's kept after it was first seen. A picture always goes through the tower
/// alone, so that its features are the same bits whichever batch it came in first: a resumed run starts with an empty
/// cache.
class FeatureCache {
 public:
  /// Whether the features of this many pictures fit into the budget.
  static bool fits(const MultimodalModel& model, int64_t pictures);

  /// Pictures by their keys (paths) with their pixels [3, H, W], which a picture that was seen before may lack ->
  /// [images, feature_tokens, vision_width].
  at::Tensor features(const MultimodalModel& model, const std::vector<std::string>& keys,
                      const std::vector<at::Tensor>& pixels);

 private:
  std::unordered_map<std::string, at::Tensor> features_;
};

}  // namespace llavakd
