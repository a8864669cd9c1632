// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model_spec/model_facts.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <exception>
#include <new>
#include <set>
#include <string_view>
#include <utility>

#include "core/base/errors.h"
#include "core/io/config_json.h"
#include "core/model_spec/folder_keys.h"
#include "core/model_spec/foreign_config.h"
#include "core/model_spec/image_size.h"
#include "core/model_spec/model_config.h"
#include "core/model_spec/model_tensors.h"
#include "core/model_spec/tensor_faults.h"

namespace llavakd {

namespace fs = std::filesystem;

namespace {

using Json = nlohmann::ordered_json;

/// Values for showing: whatever isn't there or isn't of the type counts as unknown. Opening a model reads them
/// strictly.
int64_t integer(const Json& object, const char* key, int64_t fallback = 0) {
  if (!object.is_object()) return fallback;
  const auto found = object.find(key);
  return found != object.end() && found->is_number_integer() ? found->get<int64_t>() : fallback;
}

std::string text(const Json& object, const char* key, const std::string& fallback = {}) {
  if (!object.is_object()) return fallback;
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : fallback;
}

Json object_at(const Json& object, const char* key) {
  return object.is_object() && object.contains(key) ? object[key] : Json::object();
}

void fill_language(ModelFacts& facts, const Json& config) {
  facts.family = text(config, "model_type");
  facts.layers = integer(config, "num_hidden_layers");
  facts.hidden_size = integer(config, "hidden_size");
  facts.intermediate_size = integer(config, "intermediate_size");
  facts.heads = integer(config, "num_attention_heads");
  facts.key_value_heads = integer(config, "num_key_value_heads", facts.heads);
  facts.vocabulary = integer(config, "vocab_size");
  facts.max_positions = integer(config, "max_position_embeddings");
  facts.tied_head =
      config.is_object() && config.contains("tie_word_embeddings") && config["tie_word_embeddings"] == true;
}

void fill_tower(ModelFacts& facts, const Json& config) {
  facts.tower = {text(config, "model_type", "siglip_vision_model"),
                 integer(config, "image_size"),
                 integer(config, "patch_size"),
                 integer(config, "num_hidden_layers"),
                 integer(config, "hidden_size"),
                 {}};
}

void fill_from_config(ModelFacts& facts) {
  const Json config = read_model_json(facts.path);
  if (facts.layout == "language_model") {
    fill_language(facts, config);
  } else if (facts.layout == "vision_tower") {
    fill_tower(facts, config.contains("vision_config") ? object_at(config, "vision_config") : config);
    facts.family = facts.tower.type;
    facts.select_strategy = "patch";
  } else {
    fill_language(facts, object_at(config, "text_config"));
    fill_tower(facts, object_at(config, "vision_config"));
    facts.connector = text(config, "connector_type", "mlp2x_gelu");
    facts.select_strategy = text(config, "vision_feature_select_strategy", "patch");
    facts.visual_tokens = has_queries(facts.connector) ? integer(config, "num_queries")
                                                       : feature_tokens(facts.tower, facts.select_strategy);
  }
}

std::string part_of_name(const std::string& name) {
  if (name.find("vision_tower") != std::string::npos) return "vision_tower";
  return name.find("connector.") != std::string::npos || name.find("projector") != std::string::npos ? "connector"
                                                                                                     : "language_model";
}

void count(ModelFacts& facts, const ModelTensors& tensors, std::set<std::string>& dtypes) {
  facts.parameters.clear();
  facts.total_parameters = 0;
  for (const auto& [name, tensor] : tensors.tensors) {
    facts.parameters[part_of_name(name)] += tensor.elements();
    facts.total_parameters += tensor.elements();
    if (is_floating(tensor.dtype)) dtypes.emplace(tensor.type_name());
  }
}

void finish_weights(ModelFacts& facts, const std::vector<fs::path>& files, const std::set<std::string>& dtypes) {
  facts.dtype = fmt::format("{}", fmt::join(dtypes, ", "));
  for (const fs::path& file : files) {
    const fs::path relative = file == facts.path ? file.filename() : file.lexically_relative(facts.path);
    facts.weight_files.push_back(relative.string());
  }
}

/// The strict configuration of what the folder holds; its faults are those that opening would name.
ModelConfig strict_config(const ModelFacts& facts) {
  if (facts.is_whole_model()) return read_model_config(facts.path);
  ModelConfig config;
  const std::string where = config_place(facts.path);
  Json json = read_model_json(facts.path);
  if (facts.layout == "language_model") config.language = read_language_config(json, where);
  if (facts.layout == "vision_tower") {
    if (json.contains("vision_config")) json = Json(json["vision_config"]);
    config.vision = read_vision_config(json, where);
    set_image_size(config.vision, facts.path);
  }
  return config;
}

/// What the strict reading knows better: values that the file leaves to their defaults, and what the weights decide.
void fill_from_strict(ModelFacts& facts, const ModelConfig& config) {
  const LanguageConfig& language = config.language;
  if (language.hidden_size > 0) {
    facts.layers = language.num_hidden_layers;
    facts.hidden_size = language.hidden_size;
    facts.intermediate_size = language.intermediate_size;
    facts.heads = language.num_attention_heads;
    facts.key_value_heads = language.num_key_value_heads;
    facts.vocabulary = language.vocab_size;
    facts.max_positions = language.max_position_embeddings;
    facts.tied_head = language.tie_word_embeddings;
  }
  const VisionConfig& vision = config.vision;
  if (vision.hidden_size > 0) {
    facts.tower = {vision.model_type,  vision.image_size,
                   vision.patch_size,  vision.num_hidden_layers,
                   vision.hidden_size, config.second_vision ? config.second_vision->model_type : std::string()};
  }
  if (!facts.is_whole_model()) return;
  facts.visual_tokens = config.visual_tokens();
  if (config.has_aspect_ratio) facts.aspect_ratio = config.image_aspect_ratio;
  facts.own_template = config.conversation_template;
}

void fill_weights(ModelFacts& facts) {
  std::set<std::string> dtypes;
  ModelTensors tensors = open_model_tensors(facts.path);
  facts.bytes = tensors.bytes;
  count(facts, tensors, dtypes);
  finish_weights(facts, tensors.files, dtypes);
  facts.format = tensors.format;
  ModelConfig config = strict_config(facts);
  adapt_config(config, tensors);
  count(facts, tensors, dtypes);
  facts.adapted_weights = static_cast<int64_t>(tensors.changes.size());
  facts.warnings.insert(facts.warnings.end(), tensors.warnings.begin(), tensors.warnings.end());
  fill_from_strict(facts, config);
  for (std::string& fault : tensor_faults(config, tensors)) facts.faults.push_back(std::move(fault));
}

/// The template that models of this family were trained with, as far as the tokenizer has what ends its answers; empty
/// where none fits.
std::string guess_template(const ModelFacts& facts) {
  const std::string& family = facts.family;
  const std::string& eos = facts.tokenizer.eos_token;
  const auto has = [&](std::string_view token) {
    return has_token(facts.tokenizer, token);
  };
  if (family.starts_with("gemma")) return has("<eos>") ? "gemma" : has("<end_of_turn>") ? "gemma_instruct" : "";
  if (family.starts_with("phi") && has("<|endoftext|>")) return "phi";
  if (family.starts_with("qwen") && eos == "<|im_end|>") return "qwen2_instruct";
  if (has("<|eot_id|>") && has("<|start_header_id|>")) return "llama3";
  if (family.starts_with("mistral") && has("</s>")) return "mistral";
  if (!family.starts_with("qwen") && has("</s>") && (eos == "</s>" || eos.empty())) return "llama";
  if (has("<|endoftext|>")) return "qwen2_base";
  return has("<|im_end|>") ? "qwen2_instruct" : "";
}

/// Once and not twice: a damaged file is met by several steps.
void add_fault(ModelFacts& facts, std::string fault) {
  if (std::ranges::find(facts.faults, fault) == facts.faults.end()) facts.faults.push_back(std::move(fault));
}

/// Runs one step of the reading; what it throws becomes a fault, so that the other steps still show what they find.
template <typename Step>
void collect(ModelFacts& facts, Step step) {
  try {
    step();
  } catch (const std::bad_alloc&) {
    throw;  // nothing of the folder
  } catch (const std::exception& error) {
    add_fault(facts, error.what());
  }
}

}  // namespace

int64_t feature_tokens(const TowerFacts& tower, const std::string& select_strategy) {
  if (tower.patch_size < 1 || tower.image_size < tower.patch_size || tower.image_size > (1 << 16)) return 0;
  const int64_t side = tower.image_size / tower.patch_size;
  const bool has_class_token = tower.type.starts_with("clip") || tower.type.starts_with("dinov2");
  const bool drops = select_strategy == "patch" || select_strategy == "default";
  return (side * side + (has_class_token ? 1 : 0) - (drops ? 1 : 0)) * (tower.second_type.empty() ? 1 : 2);
}

ModelFacts read_model_facts(const fs::path& path) {
  ModelFacts facts;
  facts.path = facts.image_processor_from = path;
  std::error_code error;
  if (fs::status(path, error).type() == fs::file_type::not_found) facts.missing.push_back(path);
  collect(facts, [&] { facts.layout = detect_layout(path); });
  if (facts.layout.empty()) return facts;
  collect(facts, [&] { facts.image_processor_from = image_processor_folder(path); });
  collect(facts, [&] { fill_from_config(facts); });
  collect(facts, [&] { fill_weights(facts); });
  collect(facts, [&] {
    for (std::string& sentence : passed_over_in(path, facts.layout)) facts.warnings.push_back(std::move(sentence));
  });
  if (facts.layout == "vision_tower") return facts;
  const size_t others = facts.faults.size();
  std::vector<std::string> of_text;
  collect(facts, [&] { facts.tokenizer = read_tokenizer_facts(tokenizer_folder(path), of_text); });
  for (std::string& fault : of_text) add_fault(facts, std::move(fault));
  collect(facts, [&] {
    if (auto difference = bos_difference(tokenizer_folder(path), facts.tokenizer))
      facts.warnings.push_back(std::move(*difference));
  });
  if (facts.vocabulary > 0 && facts.tokenizer.max_id >= facts.vocabulary) {
    facts.faults.push_back(fmt::format("The tokenizer uses ids up to {}, but the embedding has only {} rows.",
                                       facts.tokenizer.max_id, facts.vocabulary));
  }
  facts.text_faults = facts.faults.size() - others;
  facts.template_guess = guess_template(facts);
  return facts;
}

Json to_json(const ModelFacts& facts) {
  Json json{{"path", facts.path.string()},
            {"layout", facts.layout},
            {"format", facts.format},
            {"family", facts.family},
            {"layers", facts.layers},
            {"hidden_size", facts.hidden_size},
            {"intermediate_size", facts.intermediate_size},
            {"heads", facts.heads},
            {"key_value_heads", facts.key_value_heads},
            {"vocabulary", facts.vocabulary},
            {"max_positions", facts.max_positions},
            {"tied_head", facts.tied_head},
            {"connector", facts.connector},
            {"select_strategy", facts.select_strategy},
            {"visual_tokens", facts.visual_tokens},
            {"parameters", facts.parameters},
            {"total_parameters", facts.total_parameters},
            {"dtype", facts.dtype},
            {"bytes", facts.bytes},
            {"weight_files", facts.weight_files}};
  if (facts.adapted_weights > 0) json["adapted_weights"] = facts.adapted_weights;
  json["vision_tower"] = {{"type", facts.tower.type},
                          {"image_size", facts.tower.image_size},
                          {"patch_size", facts.tower.patch_size},
                          {"layers", facts.tower.layers},
                          {"width", facts.tower.width}};
  if (!facts.tower.second_type.empty()) json["vision_tower"]["second_type"] = facts.tower.second_type;
  json["tokenizer"] = {{"files", facts.tokenizer.files},
                       {"entries", facts.tokenizer.entries},
                       {"sha256", facts.tokenizer.sha256},
                       {"eos_token", facts.tokenizer.eos_token}};
  json["image_aspect_ratio"] = facts.aspect_ratio;
  const bool known = !facts.own_template.empty();
  json["template"] = known ? facts.own_template : facts.template_guess;
  json["template_is"] = known                          ? "what config.json says that it was trained with"
                        : facts.template_guess.empty() ? ""
                                                       : "a guess by family and tokenizer";
  json["warnings"] = facts.warnings;
  json["faults"] = facts.faults;
  return json;
}

}  // namespace llavakd
