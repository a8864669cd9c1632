// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/checkpoint/part_folders.h"

#include <fmt/format.h>

#include <array>
#include <string>
#include <string_view>

#include "core/base/errors.h"
#include "core/checkpoint/save_checkpoint.h"
#include "core/checkpoint/tensor_io.h"
#include "core/checkpoint/torch_file.h"
#include "core/io/dtype.h"
#include "core/io/json_file.h"
#include "core/model_spec/model_config_language.h"
#include "core/model_spec/model_config_vision.h"
#include "core/model_spec/parameter_shapes.h"

namespace llavakd {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

namespace {

TensorMap part_of(const TensorMap& parameters, std::string_view prefix) {
  TensorMap part;
  for (const auto& [name, weight] : parameters) {
    if (name.starts_with(prefix)) part.emplace(name.substr(prefix.size()), weight);
  }
  return part;
}

/// config.json, tokenizer and image processor of the whole; returns the configuration.
Json write_common_files(const fs::path& folder, const Checkpoint& source, at::ScalarType precision) {
  const Json config = write_model_config(source.config, std::string(torch_name_of(dtype_of(precision))));
  copy_tokenizer_files(source.folder, folder);
  copy_processor(source.folder, folder);
  write_json(folder / "config.json", config);
  return config;
}

/// The class that a config.json names; Auto classes look at model_type alone, other programs at this.
void name_class(Json& config) {
  const std::string type = config.value("model_type", "");
  const auto name_from = [&](const auto& families) {
    for (const auto& family : families)
      if (family.model_type == type) config["architectures"] = Json::array({std::string(family.hf_class)});
  };
  name_from(language_traits());
  name_from(vision_traits());
}

/// A folder with one part's weights and configuration.
fs::path write_part(const fs::path& folder, Json config, const TensorMap& weights, at::ScalarType precision) {
  fs::create_directory(folder);
  name_class(config);
  write_json(folder / "config.json", config);
  if (!weights.empty()) write_weights(folder / "model.safetensors", weights, precision);
  return folder;
}

/// What the connector is, and every key of the configuration that speaks of it.
Json connector_config(const Json& whole) {
  Json config;
  for (const auto& [key, value] : whole.items()) {
    const std::string_view name = key;
    if (name.starts_with("connector_") || name == "num_queries" || name == "num_resampler_layers" ||
        name == "vision_hidden_size" || name == "hidden_size" || name == "torch_dtype")
      config[key] = value;
  }
  return config;
}

}  // namespace

void write_split(const fs::path& folder, const Checkpoint& source, at::ScalarType precision) {
  const Json config = write_common_files(folder, source, precision);
  // Names inside the parts as released files have them (method notes 5.2 B): the connector's keep "_connector.".
  constexpr std::array<std::pair<const char*, std::string_view>, 3> parts{
      {{"language_model", kLanguagePrefix}, {"vision_tower", kVisionPrefix}, {"connector", "connector."}}};
  for (const auto& [part, prefix] : parts) {
    const TensorMap weights = part_of(source.parameters, prefix);
    if (weights.empty()) continue;  // an identity connector
    fs::create_directory(folder / part);
    write_torch_file(folder / part / "pytorch_model.bin", weights, precision);
  }
  write_json(folder / "language_model" / "config.json", config.at("text_config"));
  write_json(folder / "vision_tower" / "config.json", config.at("vision_config"));
}

void write_parts(const fs::path& folder, const Checkpoint& source, at::ScalarType precision) {
  const Json config = write_common_files(folder, source, precision);
  if (config.contains("vision_config2")) {
    throw UserError(
        fmt::format("{} has two vision towers, which no folder of one part can hold. Export it to hf or split.",
                    source.folder.string()));
  }
  const TensorMap& weights = source.parameters;
  const fs::path language =
      write_part(folder / "language_model", config.at("text_config"), part_of(weights, kLanguagePrefix), precision);
  copy_tokenizer_files(source.folder, language);
  const fs::path tower =
      write_part(folder / "vision_tower", config.at("vision_config"), part_of(weights, kVisionPrefix), precision);
  copy_processor(source.folder, tower);
  write_part(folder / "connector", connector_config(config), part_of(weights, kConnectorPrefix), precision);
}

}  // namespace llavakd
