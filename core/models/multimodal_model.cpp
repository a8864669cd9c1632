// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/multimodal_model.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>

#include "core/base/errors.h"
#include "core/kernels/linear.h"
#include "core/model_spec/parameter_shapes.h"
#include "core/model_spec/tied_head.h"
#include "core/models/connector.h"
#include "core/models/decoder.h"
#include "core/models/embedding_lookup.h"
#include "core/models/layers.h"
#include "core/models/vision_tower.h"
#include "core/text/segments.h"

namespace llavakd {

namespace {

constexpr const char* head_bias_name = "language_model.lm_head.bias";

using Shapes = std::map<std::string, std::vector<int64_t>>;

std::string fault_of(const std::string& name, const at::Tensor& tensor, const std::vector<int64_t>& shape,
                     const at::Tensor& first) {
  if (!tensor.defined()) return name + " is undefined";
  if (tensor.sizes() != at::IntArrayRef(shape))
    return fmt::format("{} has shape [{}] instead of [{}]", name, fmt::join(tensor.sizes(), ", "),
                       fmt::join(shape, ", "));
  if (!tensor.is_floating_point()) return name + " does not hold floating-point numbers";
  if (tensor.device() != first.device()) return name + " lies on another device than the rest";
  return "";
}

/// One sentence for each parameter that is missing, unexpected or unfit.
std::vector<std::string> faults(const ModelConfig& config, const TensorMap& parameters) {
  const Shapes expected = expected_shapes(config), optional = optional_shapes(config);
  std::vector<std::string> found;
  for (const auto& [name, shape] : expected)
    if (!parameters.contains(name)) found.push_back(name + " is missing");
  for (const auto& [name, tensor] : parameters) {
    const auto needed = expected.find(name);
    const auto spare = optional.find(name);
    if (needed == expected.end() && spare == optional.end()) {
      found.push_back(name + " is unexpected");
      continue;
    }
    const std::string fault =
        fault_of(name, tensor, needed != expected.end() ? needed->second : spare->second, parameters.begin()->second);
    if (!fault.empty()) found.push_back(fault);
  }
  return found;
}

/// [samples, tokens, width] -> [1, sum of the lengths, width].
at::Tensor without_padding(const at::Tensor& rows, const std::vector<int64_t>& lengths) {
  std::vector<at::Tensor> real;
  for (size_t i = 0; i < lengths.size(); ++i)
    real.push_back(at::arange(lengths[i], at::kLong).add_(static_cast<int64_t>(i) * rows.size(1)));
  return rows.flatten(0, 1).index_select(0, at::cat(real).to(rows.device())).unsqueeze(0);
}

/// And back, with zeros behind the shorter ones.
at::Tensor padded(const at::Tensor& row, const std::vector<int64_t>& lengths, int64_t tokens) {
  std::vector<at::Tensor> samples;
  for (const at::Tensor& sample : row[0].split_with_sizes(lengths))
    samples.push_back(at::constant_pad_nd(sample, {0, 0, 0, tokens - sample.size(0)}));
  return at::stack(samples);
}

}  // namespace

std::string_view part_of(std::string_view name) {
  for (const std::string_view part : {"vision_tower", "connector", "language_model"})
    if (name.starts_with(part) && name.substr(part.size()).starts_with('.')) return part;
  TORCH_CHECK(false, "no part of a model has a parameter ", name);
}

Shapes expected_shapes(const ModelConfig& config) {
  ModelConfig bare = config;
  bare.vision.has_head = false;
  return parameter_shapes(bare);
}

Shapes optional_shapes(const ModelConfig& config) {
  ModelConfig whole = config;
  whole.vision.has_head = true;
  Shapes shapes = parameter_shapes(whole);
  for (const auto& [name, shape] : expected_shapes(config)) shapes.erase(name);
  return shapes;
}

bool is_leftover(const ModelConfig& config, std::string_view name) {
  return name.ends_with(".position_ids") || name.ends_with(".rotary_emb.inv_freq") ||
         (config.language.tie_word_embeddings && name == kHeadName);
}

MultimodalModel::MultimodalModel(ModelConfig config, TensorMap parameters)
    : config_(std::move(config)), parameters_(std::move(parameters)) {
  std::erase_if(parameters_, [this](const auto& entry) { return is_leftover(config_, entry.first); });
  const std::vector<std::string> found = faults(config_, parameters_);
  if (!found.empty())
    throw UserError(fmt::format("The weights don't fit the configuration: {}.", fmt::join(found, "; ")));
}

at::Tensor MultimodalModel::vision_features(const at::Tensor& pixel_values) const {
  const VisionConfig& vision = config_.vision;
  TORCH_CHECK(pixel_values.dim() == 4 && pixel_values.size(1) == vision.num_channels &&
                  pixel_values.size(2) == vision.image_size && pixel_values.size(3) == vision.image_size,
              "pixel values of shape ", pixel_values.sizes(), " don't suit a tower for ", vision.image_size, " pixels");
  const auto features_of = [&](const VisionConfig& tower, const std::string& prefix) {
    const at::Tensor features = tower_features(tower, parameters_, prefix, pixel_values, config_.layers_used(tower));
    // The class token where there is one. SigLIP has none, but the released checkpoints were trained without the first
    // patch.
    return config_.drops_first_token() ? features.slice(1, 1) : features;
  };
  const at::Tensor features = features_of(vision, first_tower_prefix(config_));
  if (!config_.second_vision) return features;
  return at::cat({features, features_of(*config_.second_vision, std::string(kSecondTowerPrefix))}, 1);
}

at::Tensor MultimodalModel::connect(const at::Tensor& features) const {
  return connector_forward(config_.connector_type, config_.connector, parameters_, "connector._connector", features);
}

at::Tensor MultimodalModel::embed(const at::Tensor& input_ids, const at::Tensor& visual,
                                  const std::vector<int64_t>& visual_counts,
                                  const std::shared_ptr<RowGradients>& collect) const {
  const at::Tensor& table = parameter(parameters_, embedding_name(config_.language));
  const at::Tensor text = embedding_lookup(table, input_ids.clamp_min(0), collect);
  const LanguageConfig& language = config_.language;
  const auto scaled = [&](const at::Tensor& rows) {
    // Rounded to the model's type, as transformers does.
    return language.scaled_embeddings ? rows * at::full({}, std::sqrt(static_cast<double>(language.hidden_size)),
                                                        rows.options().requires_grad(false))
                                      : rows;
  };
  std::vector<at::Tensor> used;
  for (size_t i = 0; i < visual_counts.size(); ++i)
    if (visual_counts[i] > 0) used.push_back(visual.select(0, static_cast<int64_t>(i)).narrow(0, 0, visual_counts[i]));
  if (used.empty()) return scaled(text);
  const at::Tensor rows = (used.size() == 1 ? used.front() : at::cat(used)).to(table.scalar_type());
  // The n-th visual position of the batch takes row n. No position leaves the device.
  const at::Tensor is_visual = input_ids == image_token_index;
  const at::Tensor index = is_visual.flatten().cumsum(0).sub_(1).clamp_(0, rows.size(0) - 1);
  const at::Tensor images = rows.index_select(0, index).view(text.sizes());
  if (config_.scaled_images) return scaled(at::where(is_visual.unsqueeze(-1), images, text));
  return at::where(is_visual.unsqueeze(-1), images, scaled(text));
}

at::Tensor MultimodalModel::hidden_states(const at::Tensor& embeddings, const std::vector<int64_t>& lengths,
                                          KeyValueCache* cache, bool recompute, DecoderCapture* capture) const {
  TORCH_CHECK(lengths.empty() || static_cast<int64_t>(lengths.size()) == embeddings.size(0), "one length a sample");
  bool equal_lengths = true;
  for (const int64_t length : lengths) {
    TORCH_CHECK(length <= embeddings.size(1) && (!cache || length == embeddings.size(1)), "length ", length);
    equal_lengths = equal_lengths && length == embeddings.size(1);
  }
  const auto decode = [&](const at::Tensor& x, const std::vector<int64_t>& sample_lengths) {
    return decoder_hidden_states(config_.language, parameters_, std::string(kLanguagePrefix), x, sample_lengths, cache,
                                 recompute, capture);
  };
  if (equal_lengths) return decode(embeddings, {});
  return padded(decode(without_padding(embeddings, lengths), lengths), lengths, embeddings.size(1));
}

const at::Tensor& MultimodalModel::head_weight() const {
  return parameter(parameters_,
                   config_.language.tie_word_embeddings ? embedding_name(config_.language) : std::string(kHeadName));
}

at::Tensor MultimodalModel::head_bias() const {
  return config_.language.head_bias ? parameter(parameters_, head_bias_name) : at::Tensor();
}

at::Tensor MultimodalModel::logits(const at::Tensor& hidden) const {
  const at::Tensor bias = head_bias();
  return llavakd::linear(hidden, head_weight(), bias.defined() ? std::optional(bias) : std::nullopt);
}

TensorMap initial_connector(const ModelConfig& config, uint64_t seed) {
  return initial_connector(config, at::detail::createCPUGenerator(seed));
}

}  // namespace llavakd
