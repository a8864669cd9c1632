// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/feature_cache.h"

#include <ATen/core/grad_mode.h>

#include "core/models/forward.h"

namespace llavakd {

bool FeatureCache::fits(const MultimodalModel& model, int64_t images) {
  const ModelConfig& config = model.config();
  const auto size = static_cast<int64_t>(model.head_weight().element_size());
  return images <= feature_budget_bytes / (config.feature_tokens() * config.vision.hidden_size * size);
}

at::Tensor FeatureCache::features(const MultimodalModel& model, const std::vector<ImageRef>& images,
                                  const std::vector<at::Tensor>& pixels) {
  const at::NoGradGuard no_grad;
  std::vector<at::Tensor> rows;
  for (size_t i = 0; i < images.size(); ++i) {
    const auto known = features_.find(images[i]);
    rows.push_back(known != features_.end() ? known->second : one(model, images[i], pixels[i]));
    if (in_memory_) features_.emplace(images[i], rows.back());
  }
  return at::stack(rows);
}

at::Tensor FeatureCache::one(const MultimodalModel& model, const ImageRef& image, const at::Tensor& pixels) {
  if (on_disk_)
    if (const auto stored = on_disk_->read(image)) return *stored;
  const at::Tensor loaded = pixels.defined() ? pixels : load_(image);
  at::Tensor features = model.vision_features(staged(loaded.unsqueeze(0), model.head_weight().options()))[0];
  if (on_disk_) on_disk_->write(image, features);
  return features;
}

}  // namespace llavakd
