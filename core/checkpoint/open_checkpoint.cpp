// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/checkpoint/open_checkpoint.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>
#include <vector>

#include "core/base/errors.h"
#include "core/checkpoint/merge_adapter.h"
#include "core/checkpoint/tensor_io.h"
#include "core/io/mapped_file.h"
#include "core/kernels/whole_tensor.h"
#include "core/model_spec/foreign_config.h"
#include "core/model_spec/model_tensors.h"
#include "core/model_spec/parameter_shapes.h"
#include "core/model_spec/tensor_faults.h"
#include "core/models/multimodal_model.h"

namespace llavakd {

namespace fs = std::filesystem;

namespace {

void refuse_faults(const fs::path& folder, const ModelConfig& config, const ModelTensors& tensors) {
  const std::vector<std::string> faults = tensor_faults(config, tensors);
  if (faults.empty()) return;
  throw UserError(
      fmt::format("{}: the weights don't fit the configuration: {}.", folder.string(), fmt::join(faults, "; ")));
}

void refuse_nonfinite(const fs::path& folder, const std::string& name, const at::Tensor& weight) {
  if (all_finite(weight)) return;
  const bool nan = weight.to(at::kFloat).isnan().any().item<bool>();
  throw UserError(fmt::format("{}: the tensor {} holds {}. Take an earlier checkpoint, or fetch the file again.",
                              folder.string(), name, nan ? "NaN" : "infinity"));
}

/// The changes of an adapter, those of one weight one after another, are in the order of their targets.
void merge_adapter(const fs::path& folder, const ModelTensors& tensors, const OpenOptions& options, TensorMap& into) {
  const auto& changes = tensors.changes;
  for (size_t i = 0; i < changes.size();) {
    const std::string& target = changes[i].target;
    at::Tensor weight = as_tensor(tensors.tensors.at(target));
    for (; i < changes.size() && changes[i].target == target; ++i) weight = changed_weight(changes[i], weight);
    refuse_nonfinite(folder, target + " (with its adapter)", weight);
    into[target] = weight.to(options.device, options.precision).contiguous();
  }
}

void read_weights(const fs::path& folder, const ModelTensors& tensors, const OpenOptions& options, TensorMap& into) {
  for (const auto& [name, stored] : tensors.tensors) {
    const at::Tensor weight = as_tensor(stored);
    refuse_nonfinite(folder, name, weight);
    into[name] = weight.to(options.device, options.precision).contiguous();
    // The check touched all pages; those that are computed with come back.
    release_pages(weight.const_data_ptr(), weight.nbytes());
  }
  merge_adapter(folder, tensors, options, into);
}

/// Parameters that our model has and the layout's class doesn't: zero, so that they add nothing.
void add_zeros(const ModelConfig& config, const ModelTensors& tensors, const OpenOptions& options, TensorMap& into) {
  if (tensors.zeros.empty()) return;
  const ParameterShapes shapes = language_parameter_shapes(config.language, std::string(kLanguagePrefix));
  for (const std::string& name : tensors.zeros)
    into[name] = at::zeros(shapes.at(name), at::TensorOptions(options.device).dtype(options.precision));
}

/// The tensors of one part, from a folder of it alone or from a whole model's, checked against its configuration.
ModelTensors open_part(const fs::path& folder, const std::string& part, ModelConfig& config) {
  ModelTensors tensors = open_model_tensors(folder);
  // What the files of one part leave out says nothing about the other.
  ModelConfig adapted = config;
  adapt_config(adapted, tensors, part);
  if (part == "language_model")
    config.language = std::move(adapted.language);
  else
    config.vision = std::move(adapted.vision);
  keep_part(tensors, part);
  refuse_faults(folder, config, tensors);
  return tensors;
}

}  // namespace

Checkpoint open_checkpoint(const fs::path& folder, const OpenOptions& options) {
  const std::string layout = detect_layout(folder);
  if (layout == "language_model" || layout == "vision_tower") {
    throw UserError(
        fmt::format("{} is a bare {}, not a whole LLaVA-type model. Give the folder of a whole one; a project can put "
                    "its student together from student.language_model and student.vision_tower.",
                    folder.string(), layout == "language_model" ? "language model" : "vision tower"));
  }
  ModelTensors tensors = open_model_tensors(folder);
  Checkpoint checkpoint{read_model_config(folder), {}, tokenizer_folder(folder), layout};
  adapt_config(checkpoint.config, tensors);
  refuse_faults(folder, checkpoint.config, tensors);
  read_weights(folder, tensors, options, checkpoint.parameters);
  add_zeros(checkpoint.config, tensors, options, checkpoint.parameters);
  return checkpoint;
}

Checkpoint open_parts(const fs::path& language_model, const fs::path& vision_tower, const std::string& connector_type,
                      uint64_t seed, const OpenOptions& options, int64_t num_queries) {
  if (detect_layout(language_model) == "vision_tower")
    throw UserError(language_model.string() + " is a vision tower, where a language model is needed.");
  if (detect_layout(vision_tower) == "language_model")
    throw UserError(vision_tower.string() + " is a language model, where a vision tower is needed.");
  Checkpoint checkpoint{compose_model_config(language_model, vision_tower, connector_type, num_queries),
                        {},
                        tokenizer_folder(language_model),
                        "parts"};
  const ModelTensors language = open_part(language_model, "language_model", checkpoint.config);
  const ModelTensors vision = open_part(vision_tower, "vision_tower", checkpoint.config);
  read_weights(language_model, language, options, checkpoint.parameters);
  add_zeros(checkpoint.config, language, options, checkpoint.parameters);
  read_weights(vision_tower, vision, options, checkpoint.parameters);
  for (const auto& [name, weight] : initial_connector(checkpoint.config, seed)) {
    checkpoint.parameters[name] = weight.to(options.device, options.precision);
  }
  return checkpoint;
}

Checkpoint open_language_model(const fs::path& path, const OpenOptions& options) {
  detect_layout(path);
  Checkpoint checkpoint{{}, {}, tokenizer_folder(path), "language_model"};
  ModelConfig& config = checkpoint.config;
  config.language = read_language_config(read_model_json(path), config_place(path));
  VisionConfig& vision = config.vision;
  vision.hidden_size = vision.intermediate_size = vision.num_hidden_layers = vision.num_attention_heads = 1;
  vision.image_size = vision.patch_size = 1;
  config.connector_type = "linear";
  config.vision_feature_select_strategy = "full";
  const ModelTensors tensors = open_part(path, "language_model", config);
  read_weights(path, tensors, options, checkpoint.parameters);
  add_zeros(config, tensors, options, checkpoint.parameters);
  for (const auto& [name, shape] : parameter_shapes(config)) {
    if (!name.starts_with(kLanguagePrefix))
      checkpoint.parameters[name] = at::zeros(shape, at::TensorOptions(options.device).dtype(options.precision));
  }
  return checkpoint;
}

}  // namespace llavakd
