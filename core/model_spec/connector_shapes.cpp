// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include "core/base/errors.h"
#include "core/model_spec/parameter_shapes.h"

namespace llavakd {

namespace {

/// Collects shapes under one prefix.
class Shapes {
 public:
  explicit Shapes(std::string prefix) : prefix_(std::move(prefix)) {}

  void linear(const std::string& name, int64_t out, int64_t in, bool bias = true) {
    shapes[prefix_ + name + "weight"] = {out, in};
    if (bias) shapes[prefix_ + name + "bias"] = {out};
  }
  void norm(const std::string& name, int64_t width) {
    shapes[prefix_ + name + "weight"] = {width};
    shapes[prefix_ + name + "bias"] = {width};
  }
  void tensor(const std::string& name, std::vector<int64_t> shape) { shapes[prefix_ + name] = std::move(shape); }
  /// nn.Sequential(Linear, GELU, Linear, …): the activations take the odd places.
  void mlp(const std::string& name, int64_t layers, int64_t in, int64_t out) {
    for (int64_t i = 0; i < layers; ++i) linear(fmt::format("{}{}.", name, 2 * i), out, i == 0 ? in : out);
  }

  ParameterShapes shapes;

 private:
  std::string prefix_;
};

/// qformer.py: BERT's layers without the branch for text; every other one also looks at the image.
void add_qformer(Shapes& shapes, const ConnectorSizes& sizes, int64_t vision_width, int64_t hidden) {
  const QFormerSizes& bert = sizes.qformer;
  const int64_t width = bert.hidden_size;
  shapes.tensor("query_tokens", {1, sizes.num_queries, width});
  const auto add_attention = [&](const std::string& name, int64_t looks_at) {
    shapes.linear(name + "self.query.", width, width);
    shapes.linear(name + "self.key.", width, looks_at);
    shapes.linear(name + "self.value.", width, looks_at);
    shapes.linear(name + "output.dense.", width, width);
    shapes.norm(name + "output.LayerNorm.", width);
  };
  for (int64_t i = 0; i < bert.num_hidden_layers; ++i) {
    const std::string layer = fmt::format("bert.encoder.layer.{}.", i);
    add_attention(layer + "attention.", width);
    if (i % 2 == 0) add_attention(layer + "crossattention.", vision_width);
    shapes.linear(layer + "intermediate_query.dense.", bert.intermediate_size, width);
    shapes.linear(layer + "output_query.dense.", width, bert.intermediate_size);
    shapes.norm(layer + "output_query.LayerNorm.", width);
  }
  shapes.linear("projector.", hidden, width);
}

/// resampler.py: eight heads of 64 numbers, whatever the width.
void add_resampler(Shapes& shapes, const ConnectorSizes& sizes, int64_t vision_width, int64_t hidden) {
  constexpr int64_t inner = 8 * 64;
  shapes.tensor("latents", {sizes.num_queries, hidden});
  shapes.linear("linear.", hidden, vision_width);
  for (int64_t i = 0; i < sizes.num_resampler_layers; ++i) {
    const std::string attention = fmt::format("layers.{}.0.", i), mlp = fmt::format("layers.{}.1.", i);
    shapes.norm(attention + "norm_media.", hidden);
    shapes.norm(attention + "norm_latents.", hidden);
    shapes.linear(attention + "to_q.", inner, hidden, false);
    shapes.linear(attention + "to_kv.", 2 * inner, hidden, false);
    shapes.linear(attention + "to_out.", hidden, inner, false);
    shapes.norm(mlp + "0.", hidden);
    shapes.linear(mlp + "1.", 4 * hidden, hidden, false);
    shapes.linear(mlp + "3.", hidden, 4 * hidden, false);
  }
  shapes.norm("norm.", hidden);
}

}  // namespace

ParameterShapes connector_parameter_shapes(const std::string& type, int64_t vision_width, int64_t hidden,
                                           const std::string& prefix, const ConnectorSizes& sizes) {
  Shapes shapes(prefix);
  if (type == "qformer") {
    add_qformer(shapes, sizes, vision_width, hidden);
  } else if (type == "resampler") {
    add_resampler(shapes, sizes, vision_width, hidden);
  } else if (type == "mof_mlp") {
    shapes.mlp("clip.", 2, vision_width, hidden);
    shapes.mlp("dinov2.", 2, vision_width, hidden);
  } else if (type == "linear") {
    shapes.linear("", hidden, vision_width);
  } else if (const auto layers = connector_layers(type)) {
    shapes.mlp("", *layers, vision_width, hidden);
  } else {
    throw UserError(fmt::format("The connector type \"{}\" is not supported.", type));
  }
  return std::move(shapes.shapes);
}

}  // namespace llavakd
