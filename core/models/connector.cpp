// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/connector.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include "core/models/layers.h"
#include "core/project/model_config.h"

namespace llavakd {

at::Tensor connector_forward(const std::string& type, const TensorMap& parameters, const std::string& prefix,
                             const at::Tensor& features) {
  if (type == "identity") return features;
  if (type == "linear") return linear(parameters, prefix, features);
  const int64_t layers = connector_layers(type).value();
  at::Tensor x = linear(parameters, prefix + ".0", features);
  for (int64_t i = 1; i < layers; ++i) x = linear(parameters, fmt::format("{}.{}", prefix, 2 * i), at::gelu(x));
  return x;
}

}  // namespace llavakd
