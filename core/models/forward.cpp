// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/forward.h"

#include <algorithm>

#include "core/text/segments.h"

namespace llavakd {

at::Tensor staged(const at::Tensor& host, const at::TensorOptions& options) {
  if (!options.device().is_cuda()) return host.to(options);
  return host.pin_memory().to(options, /*non_blocking=*/true);
}

at::Tensor ids_tensor(const MultimodalModel& model, const std::vector<Sequence>& sequences) {
  const auto lengths = lengths_of(sequences);
  const int64_t longest = *std::ranges::max_element(lengths);
  at::Tensor ids = at::zeros({std::ssize(sequences), longest}, at::kLong);
  for (size_t i = 0; i < sequences.size(); ++i)
    std::ranges::copy(sequences[i].input_ids, ids.data_ptr<int64_t>() + static_cast<int64_t>(i) * longest);
  return staged(ids, ids.options().device(model.head_weight().device()));
}

std::vector<int64_t> visual_counts(const std::vector<Sequence>& sequences) {
  std::vector<int64_t> counts;
  for (const Sequence& sequence : sequences)
    for (const Segment& image : image_spans(sequence)) counts.push_back(image.size());
  return counts;
}

at::Tensor embed_samples(const MultimodalModel& model, const std::vector<Sequence>& sequences,
                         const at::Tensor& pixel_values) {
  if (!pixel_values.defined()) return embed_features(model, sequences, {});
  const auto pixels = pixel_values.to(model.head_weight().device(), model.head_weight().scalar_type());
  return embed_features(model, sequences, model.vision_features(pixels));
}

at::Tensor embed_features(const MultimodalModel& model, const std::vector<Sequence>& sequences,
                          const at::Tensor& features, const std::shared_ptr<RowGradients>& collect) {
  const at::Tensor visual = features.defined() ? model.connect(features) : at::Tensor();
  return model.embed(ids_tensor(model, sequences), visual, visual_counts(sequences), collect);
}

ModelOutput predict(const MultimodalModel& model, const std::vector<Sequence>& sequences, const at::Tensor& features,
                    bool recompute, const std::shared_ptr<RowGradients>& collect) {
  return {model.hidden_states(embed_features(model, sequences, features, collect), lengths_of(sequences), nullptr,
                              recompute),
          model.head_weight(),
          {},
          model.head_bias()};
}

std::vector<int64_t> lengths_of(const std::vector<Sequence>& sequences) {
  std::vector<int64_t> lengths;
  for (const Sequence& sequence : sequences) lengths.push_back(std::ssize(sequence.input_ids));
  return lengths;
}

}  // namespace llavakd
