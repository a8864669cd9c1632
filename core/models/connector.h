// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <string>

#include "core/model_spec/model_config.h"
#include "core/models/tensor_map.h"

namespace llavakd {

/// The connector as TinyLLaVA Factory builds it (tinyllava/model/connector). `mlpNx_gelu` is N linear layers with an
/// exact (erf) GELU between them, numbered 0, 2, 4, … as nn.Sequential does; `linear` one layer named without a number;
/// `identity` nothing; `mof_mlp` an mlp2x_gelu for each half of the features (`clip.…`, `dinov2.…`), whose tokens then
/// take turns; `qformer` and `resampler` see query_connectors.h. Names begin with `prefix` ("connector._connector").
/// [images, tokens, vision_width] -> [images, visual tokens, hidden].
at::Tensor connector_forward(const std::string& type, const ConnectorSizes& sizes, const TensorMap& parameters,
                             const std::string& prefix, const at::Tensor& features);

/// Fresh parameters of a connector, float32, drawn from `generator` in the order of their names. Linear layers as
/// nn.Linear begins (uniform ±1/sqrt(fan_in)), norms as ones and zeros; a Q-Former as BERT does (normal, 0.02; biases
/// zero), a resampler's latents normal.
TensorMap initial_connector(const ModelConfig& config, at::Generator generator);

}  // namespace llavakd
