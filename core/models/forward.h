// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "core/models/model_output.h"
#include "core/models/multimodal_model.h"
#include "core/text/segments.h"

namespace llavakd {

/// A tensor of the host with these options: to an accelerator through pinned memory, without waiting for the copy.
at::Tensor staged(const at::Tensor& host, const at::TensorOptions& options);

/// Token ids of several samples as one int64 tensor [S, T] on the model's device, padded with 0 on the right.
at::Tensor ids_tensor(const MultimodalModel& model, const std::vector<Sequence>& sequences);

/// How many positions each image of the samples has, in order (image_spans).
std::vector<int64_t> visual_counts(const std::vector<Sequence>& sequences);

/// Embeddings [S, T, W] of samples with their images [images, 3, height, width] (or undefined).
at::Tensor embed_samples(const MultimodalModel& model, const std::vector<Sequence>& sequences,
                         const at::Tensor& pixel_values);

/// The same from features that the tower has computed already: [images, feature_tokens, vision_width] (or undefined).
/// `collect`: see embedding_lookup().
at::Tensor embed_features(const MultimodalModel& model, const std::vector<Sequence>& sequences,
                          const at::Tensor& features, const std::shared_ptr<RowGradients>& collect = nullptr);

/// The outputs for samples whose images' tower features are given: embed_features, then the decoder.
/// `recompute`: see MultimodalModel::hidden_states; `collect`: see embedding_lookup().
ModelOutput predict(const MultimodalModel& model, const std::vector<Sequence>& sequences, const at::Tensor& features,
                    bool recompute = false, const std::shared_ptr<RowGradients>& collect = nullptr);

/// Number of tokens of each sample.
std::vector<int64_t> lengths_of(const std::vector<Sequence>& sequences);

}  // namespace llavakd
