// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/forward.h"

#include <algorithm>

#include "core/text/segments.h"

namespace llavakd {

at::Tensor staged(const at::Tensor& host, const at::TensorOptions& options) {
  if (!options.device().is_cuda()) return host.to(options);
  return host.pin_memory().to(options, /*non_blocking=*/true);
}

at::Tensor ids_tensor(const MultimodalModel& model, const std::vector<std::vector<int64_t>>& input_ids) {
  const auto lengths = lengths_of(input_ids);
  const int64_t longest = *std::ranges::max_element(lengths);
  at::Tensor ids = at::zeros({static_cast<int64_t>(input_ids.size()), longest}, at::kLong);
  for (size_t i = 0; i < input_ids.size(); ++i)
    std::ranges::copy(input_ids[i], ids.data_ptr<int64_t>() + static_cast<int64_t>(i) * longest);
  return staged(ids, ids.options().device(model.head_weight().device()));
}

std::vector<int64_t> visual_counts(const MultimodalModel& model, const std::vector<std::vector<int64_t>>& input_ids) {
  return visual_counts(input_ids, model.config().visual_tokens());
}

std::vector<int64_t> visual_counts(const std::vector<std::vector<int64_t>>& input_ids, int64_t visual_tokens) {
  std::vector<int64_t> counts;
  for (const auto& ids : input_ids)
    for (int64_t left = std::ranges::count(ids, image_token_index); left > 0; left -= visual_tokens)
      counts.push_back(std::min(left, visual_tokens));
  return counts;
}

at::Tensor embed_samples(const MultimodalModel& model, const std::vector<std::vector<int64_t>>& input_ids,
                         const at::Tensor& pixel_values) {
  if (!pixel_values.defined()) return embed_features(model, input_ids, {});
  const auto pixels = pixel_values.to(model.head_weight().device(), model.head_weight().scalar_type());
  return embed_features(model, input_ids, model.vision_features(pixels));
}

at::Tensor embed_features(const MultimodalModel& model, const std::vector<std::vector<int64_t>>& input_ids,
                          const at::Tensor& features) {
  const at::Tensor visual = features.defined() ? model.connect(features) : at::Tensor();
  return model.embed(ids_tensor(model, input_ids), visual, visual_counts(model, input_ids));
}

Prediction predict(const MultimodalModel& model, const std::vector<std::vector<int64_t>>& input_ids,
                   const at::Tensor& features, bool recompute) {
  return {model.hidden_states(embed_features(model, input_ids, features), lengths_of(input_ids), nullptr, recompute),
          model.head_weight(),
          {},
          model.head_bias()};
}

std::vector<int64_t> lengths_of(const std::vector<std::vector<int64_t>>& input_ids) {
  std::vector<int64_t> lengths;
  for (const auto& ids : input_ids) lengths.push_back(static_cast<int64_t>(ids.size()));
  return lengths;
}

}  // namespace llavakd
