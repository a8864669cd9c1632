// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model_spec/model_config_connector.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/errors.h"
#include "core/model_spec/foreign_config.h"
#include "core/project/catalog.h"

namespace llavakd {

namespace {

using Json = nlohmann::ordered_json;

constexpr int64_t most_queries = 1 << 16;
constexpr std::string_view mixture = "mof:";

int64_t needed_count(const ConfigObject& root, const char* key, int64_t most, const std::string& type) {
  if (!root.has(key))
    throw UserError(fmt::format("{}: connector_type \"{}\" needs {}, which is missing.", root.where(), type, key));
  return root.integer(key, 1, most, 1);
}

QFormerSizes read_qformer(const ConfigObject& object) {
  QFormerSizes sizes;
  sizes.hidden_size = object.integer("hidden_size", 1, 1 << 17, sizes.hidden_size);
  sizes.intermediate_size = object.integer("intermediate_size", 1, 1 << 20, sizes.intermediate_size);
  sizes.num_hidden_layers = object.integer("num_hidden_layers", 1, 1024, sizes.num_hidden_layers);
  sizes.num_attention_heads = object.integer("num_attention_heads", 1, 4096, sizes.num_attention_heads);
  sizes.layer_norm_eps = object.number("layer_norm_eps", 0, 1, sizes.layer_norm_eps);
  if (sizes.hidden_size % sizes.num_attention_heads != 0)
    throw UserError(fmt::format("{}: hidden_size is not a multiple of num_attention_heads ({} and {}).", object.where(),
                                sizes.hidden_size, sizes.num_attention_heads));
  return sizes;
}

/// "mof:facebook/dinov2-large" -> "facebook/dinov2-large".
std::string behind_colon(const std::string& name) {
  const size_t colon = name.rfind(':');
  return colon == std::string::npos ? name : name.substr(colon + 1);
}

/// The config.json of facebook/dinov2-small, -base and -large, as far as it differs from Dinov2Config's defaults.
Json published_dinov2(const std::string& name) {
  struct Sizes {
    std::string_view name;
    int64_t hidden, layers, heads;
  };
  constexpr std::array<Sizes, 3> published{
      {{"dinov2-small", 384, 12, 6}, {"dinov2-base", 768, 12, 12}, {"dinov2-large", 1024, 24, 16}}};
  const std::string last = std::filesystem::path(without_slashes(name)).filename().string();
  for (const Sizes& sizes : published)
    if (last == sizes.name)
      return {{"model_type", "dinov2"}, {"hidden_size", sizes.hidden},
              {"mlp_ratio", 4},         {"num_hidden_layers", sizes.layers},
              {"image_size", 518},      {"patch_size", 14},
              {"qkv_bias", true},       {"num_attention_heads", sizes.heads},
              {"use_swiglu_ffn", false}};
  return nullptr;
}

VisionConfig read_second(const std::filesystem::path& checkpoint, const ConfigObject& root, const std::string& name) {
  if (const auto own = root.child_or_null("vision_config2")) return read_vision_config(own->json(), own->where());
  if (const auto folder = find_beside(checkpoint, name); !folder.empty()) {
    const auto file = folder / "config.json";
    return read_vision_config(read_config_file(file), file.string());
  }
  if (const Json known = published_dinov2(name); known.is_object())
    return read_vision_config(known, fmt::format("{}: vision_model_name_or_path2", root.where()));
  throw UserError(
      fmt::format("{}: vision_model_name_or_path2 is \"{}\", but the sizes of that second tower are not known. Put its "
                  "folder (config.json is enough) next to the checkpoint, or its config.json under the key "
                  "vision_config2.",
                  root.where(), name));
}

/// What mof.py and mof_mlp.py can compute.
void check_mixture(const VisionConfig& first, const VisionConfig& second, const std::string& where) {
  if (first.model_type != "clip_vision_model" || second.model_type != "dinov2")
    throw UserError(fmt::format("{}: a mixture of towers is a clip_vision_model and a dinov2, not {} and {}.", where,
                                first.model_type, second.model_type));
  if (first.hidden_size != second.hidden_size)
    throw UserError(fmt::format("{}: the two towers of a mixture must be equally wide, but have {} and {}.", where,
                                first.hidden_size, second.hidden_size));
  if (first.num_channels != second.num_channels || second.patch_size > second.image_size ||
      first.tokens() != second.tokens())
    throw UserError(
        fmt::format("{}: the two towers of a mixture must cut a picture alike, but make {} and {} tokens of it.", where,
                    first.tokens(), second.tokens()));
}

}  // namespace

bool has_queries(std::string_view type) {
  return type == "qformer" || type == "resampler";
}

void read_connector_sizes(const ConfigObject& root, ModelConfig& config) {
  const std::string& type = config.connector_type;
  if (!has_queries(type)) return;
  config.connector.num_queries = needed_count(root, "num_queries", most_queries, type);
  if (type == "resampler")
    config.connector.num_resampler_layers = needed_count(root, "num_resampler_layers", 1024, type);
  if (type != "qformer") return;
  if (const auto inner = root.child_or_null("qformer_config")) config.connector.qformer = read_qformer(*inner);
}

void write_connector_sizes(const ModelConfig& config, Json& json) {
  const ConnectorSizes& sizes = config.connector;
  if (!has_queries(config.connector_type)) return;
  json["num_queries"] = sizes.num_queries;
  if (config.connector_type == "resampler") json["num_resampler_layers"] = sizes.num_resampler_layers;
  if (config.connector_type != "qformer" || sizes.qformer == QFormerSizes{}) return;
  json["qformer_config"] = {{"hidden_size", sizes.qformer.hidden_size},
                            {"intermediate_size", sizes.qformer.intermediate_size},
                            {"num_hidden_layers", sizes.qformer.num_hidden_layers},
                            {"num_attention_heads", sizes.qformer.num_attention_heads},
                            {"layer_norm_eps", sizes.qformer.layer_norm_eps}};
}

void check_connector(const ModelConfig& config, const std::string& where) {
  const std::string& type = config.connector_type;
  if (!connector_layers(type) && !contains(catalog::connectors(), type))
    throw UserError(
        fmt::format("{}: connector_type \"{}\" is not supported; known: {} (and mlp of any number of layers).", where,
                    type, list_names(catalog::connectors())));
  if (type == "identity" && config.vision.hidden_size != config.language.hidden_size)
    throw UserError(
        fmt::format("{}: connector_type \"identity\" needs equal widths, but vision_config.hidden_size is {} and "
                    "text_config.hidden_size is {}; use mlp2x_gelu or linear.",
                    where, config.vision.hidden_size, config.language.hidden_size));
  if ((type == "mof_mlp") != config.second_vision.has_value())
    throw UserError(
        type == "mof_mlp"
            ? fmt::format("{}: connector_type \"mof_mlp\" needs a mixture of two vision towers.", where)
            : fmt::format("{}: a mixture of two vision towers needs connector_type \"mof_mlp\", not \"{}\".", where,
                          type));
}

std::optional<VisionConfig> read_second_tower(const std::filesystem::path& checkpoint, const ConfigObject& root,
                                              const ModelConfig& config) {
  const std::string first = root.text("vision_model_name_or_path", "");
  const std::string second = root.text("vision_model_name_or_path2", "");
  if (!first.starts_with(mixture) && !second.starts_with(mixture) && !root.has("vision_config2")) return std::nullopt;
  VisionConfig tower = read_second(checkpoint, root, behind_colon(second));
  tower.stored_image_size = tower.image_size;
  tower.image_size = config.vision.image_size;
  check_mixture(config.vision, tower, root.where());
  return tower;
}

}  // namespace llavakd
