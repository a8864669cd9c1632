// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/broken_layer.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <utility>
#include <vector>

#include "core/model_spec/parameter_shapes.h"
#include "core/models/decoder.h"
#include "core/models/forward.h"

namespace llavakd {
namespace {

bool is_finite(const at::Tensor& values) {
  return !values.defined() || at::isfinite(values).all().item<bool>();
}

at::Tensor pixels_of(const MicroBatch& sample, const FeatureCache::LoadPixels& load_pixels) {
  std::vector<at::Tensor> pixels;
  for (size_t i = 0; i < sample.images.size(); ++i)
    pixels.push_back(sample.pixels[i].defined() ? sample.pixels[i] : load_pixels(sample.images[i]));
  return pixels.empty() ? at::Tensor() : at::stack(pixels);
}

/// The output of the first layers of the decoder, with the final norm.
at::Tensor after_layers(const MultimodalModel& model, int64_t layers, const at::Tensor& embeddings) {
  LanguageConfig first = model.config().language;
  first.num_hidden_layers = layers;
  return decoder_hidden_states(first, model.parameters(), std::string(kLanguagePrefix), embeddings, {}, nullptr);
}

/// The number of the layer, from 0, whose output is the first that isn't finite; what is broken once stays broken.
int64_t broken_decoder_layer(const MultimodalModel& model, const at::Tensor& embeddings) {
  int64_t good = 0, bad = model.config().language.num_hidden_layers;  // layers that were passed
  while (bad - good > 1) {
    const int64_t half = good + (bad - good) / 2;
    (is_finite(after_layers(model, half, embeddings)) ? good : bad) = half;
  }
  return bad - 1;
}

/// The part, or empty.
std::string broken_part(const MultimodalModel& model, const MicroBatch& sample, const at::Tensor& pixels) {
  at::Tensor features;
  if (pixels.defined()) {
    features = model.vision_features(pixels.to(model.head_weight().device(), model.head_weight().scalar_type()));
    if (!is_finite(features)) return "vision tower";
    if (!is_finite(model.connect(features))) return "connector";
  }
  const at::Tensor embeddings = embed_features(model, sample.sequences, features);
  if (!is_finite(embeddings)) return "embedding";
  if (is_finite(after_layers(model, model.config().language.num_hidden_layers, embeddings))) return "";
  return fmt::format("layer {} of the language model", broken_decoder_layer(model, embeddings));
}

/// How far a parameter is from the pictures: what is behind it, backward meets before it.
int64_t depth_of(const std::string& name) {
  constexpr int64_t decoder = 1'000'000;
  const std::string_view part = part_of(name);
  if (part == "vision_tower") return 0;
  if (part == "connector") return 1;
  constexpr std::string_view layers = "layers.";
  const size_t at = name.find(layers);
  if (at != std::string::npos) return decoder + std::strtoll(name.c_str() + at + layers.size(), nullptr, 10);
  return name.find("embed") != std::string::npos ? 2 : 2 * decoder;
}

}  // namespace

std::string broken_layer(const MultimodalModel* teacher, const MultimodalModel& student, const MicroBatch& sample,
                         const FeatureCache::LoadPixels& load_pixels) {
  const at::NoGradGuard no_grad;
  const at::Tensor pixels = pixels_of(sample, load_pixels);
  if (!is_finite(pixels)) return "the values of its picture aren't";
  for (const auto& [who, model] : {std::pair("student", &student), std::pair("teacher", teacher)}) {
    if (!model) continue;
    const std::string part = broken_part(*model, sample, pixels);
    if (!part.empty()) return fmt::format("the {}'s {} is the first whose values aren't", who, part);
  }
  return "";
}

std::string broken_gradient(const TensorMap& parameters, GradientBuffer& gradients) {
  std::vector<std::string> broken;
  size_t index = 0;
  std::string nearest;
  for (const auto& [name, parameter] : parameters) {
    const at::Tensor& gradient = gradients.sum(index++);
    if (is_finite(gradient)) continue;
    broken.push_back(name);
    if (nearest.empty() || depth_of(name) > depth_of(nearest)) nearest = name;
  }
  if (broken.empty()) return "";
  return fmt::format("it begins at {}{}", nearest,
                     broken.size() > 1 ? fmt::format(", one of {} tensors", broken.size()) : "");
}

}  // namespace llavakd
