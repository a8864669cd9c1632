// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/connector.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <cmath>

#include "core/model_spec/parameter_shapes.h"
#include "core/models/layers.h"
#include "core/models/query_connectors.h"

namespace llavakd {

namespace {

/// BERT's own `initializer_range`.
constexpr double bert_deviation = 0.02;

at::Tensor mlp(int64_t layers, const TensorMap& parameters, const std::string& prefix, const at::Tensor& features) {
  at::Tensor x = linear(parameters, prefix + ".0", features);
  for (int64_t i = 1; i < layers; ++i) x = linear(parameters, fmt::format("{}.{}", prefix, 2 * i), at::gelu(x));
  return x;
}

/// mof_mlp.py: the first tower's tokens take the even places, the second's the odd ones.
at::Tensor interleaved(const TensorMap& parameters, const std::string& prefix, const at::Tensor& features) {
  const std::vector<at::Tensor> halves = features.chunk(2, 1);
  return at::stack({mlp(2, parameters, prefix + ".clip", halves[0]), mlp(2, parameters, prefix + ".dinov2", halves[1])},
                   2)
      .flatten(1, 2);
}

}  // namespace

at::Tensor connector_forward(const std::string& type, const ConnectorSizes& sizes, const TensorMap& parameters,
                             const std::string& prefix, const at::Tensor& features) {
  if (type == "identity") return features;
  if (type == "linear") return linear(parameters, prefix, features);
  if (type == "qformer") return qformer(sizes.qformer, parameters, prefix, features);
  if (type == "resampler") return resampler(sizes.num_resampler_layers, parameters, prefix, features);
  if (type == "mof_mlp") return interleaved(parameters, prefix, features);
  return mlp(connector_layers(type).value(), parameters, prefix, features);
}

TensorMap initial_connector(const ModelConfig& config, at::Generator generator) {
  TensorMap parameters;
  const ParameterShapes shapes =
      connector_parameter_shapes(config.connector_type, config.vision.hidden_size, config.language.hidden_size,
                                 std::string(kConnectorPrefix), config.connector);
  for (const auto& [name, shape] : shapes) {
    // A bias is drawn with the fan-in of its weight, which has the same name.
    const bool bias = name.ends_with(".bias");
    const std::string weight = name.substr(0, name.rfind('.')) + ".weight";
    const std::vector<int64_t>& of = bias ? shapes.at(weight) : shape;
    const bool of_bert = name.find(".bert.") != std::string::npos || name.ends_with(".query_tokens");
    const at::Tensor fresh = at::empty(shape, at::kFloat);
    if (of.size() == 1 || (bias && of_bert)) {
      fresh.fill_(bias ? 0 : 1);
    } else if (of_bert) {
      fresh.normal_(0, bert_deviation, generator);
    } else if (name.ends_with(".latents")) {
      fresh.normal_(0, 1, generator);
    } else {
      const double bound = 1.0 / std::sqrt(static_cast<double>(of.back()));
      fresh.uniform_(-bound, bound, generator);
    }
    parameters[name] = fresh;
  }
  return parameters;
}

}  // namespace llavakd
