// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/feature_cache.h"

#include <ATen/core/grad_mode.h>

namespace llavakd {

bool FeatureCache::fits(const MultimodalModel& model, int64_t pictures) {
  const ModelConfig& config = model.config();
  const auto size = static_cast<int64_t>(model.head_weight().element_size());
  return pictures <= feature_budget_bytes / (config.feature_tokens() * config.vision.hidden_size * size);
}

at::Tensor FeatureCache::features(const MultimodalModel& model, const std::vector<std::string>& keys,
                                  const std::vector<at::Tensor>& pixels) {
  const at::NoGradGuard no_grad;
  std::vector<at::Tensor> rows;
  for (size_t i = 0; i < keys.size(); ++i) {
    at::Tensor& row = features_[keys[i]];
    if (!row.defined()) row = model.vision_features(pixels[i].unsqueeze(0).to(model.head_weight().options()))[0];
    rows.push_back(row);
  }
  return at::stack(rows);
}

}  // namespace llavakd
