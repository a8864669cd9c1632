// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/model_tensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "core/io/tensor_files.h"
#include "core/project/config_json.h"
#include "core/project/errors.h"
#include "core/project/parameter_shapes.h"

namespace llavakd {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kHead = "language_model.lm_head.weight";

/// Buffers that old versions of the libraries saved; every model computes them anew.
bool is_leftover(std::string_view name) {
  return name.ends_with("rotary_emb.inv_freq") || name.ends_with("embeddings.position_ids") ||
         name.ends_with("attention.masked_bias");
}

/// The folders of the split layout, one for each part.
constexpr std::array kParts{"language_model", "vision_tower", "connector"};

bool is_split(const fs::path& folder) {
  return has_tensor_files(folder / "language_model") &&
         (has_tensor_files(folder / "connector") || has_tensor_files(folder / "vision_tower"));
}

/// The name inside a part's file -> the name in the whole model. Several tools wrote these files, so a prefix of the
/// whole model may be there already (method notes, 5.2 B).
std::string full_name(std::string_view part, std::string_view name) {
  const auto after = [&](std::string_view marker) -> std::optional<std::string_view> {
    const size_t at = name.find(marker);
    if (at == std::string_view::npos) return std::nullopt;
    return name.substr(at + marker.size());
  };
  if (part == "connector") {
    return std::string(kConnectorPrefix) + std::string(after("_connector.").value_or(name));
  }
  if (part == "vision_tower") {
    return std::string(kVisionPrefix) + std::string(after("_vision_tower.").value_or(name));
  }
  if (name.starts_with(kLanguagePrefix)) return std::string(name);
  return std::string(kLanguagePrefix) + std::string(name);
}

void add_tensors(ModelTensors& model, TensorFiles files, std::string_view part) {
  for (StoredTensor& tensor : files.tensors) {
    const std::string name = part.empty() ? tensor.name : full_name(part, tensor.name);
    if (is_leftover(name)) {
      model.dropped.push_back(name);
      continue;
    }
    const auto [place, added] = model.tensors.emplace(name, std::move(tensor));
    if (!added) throw UserError(fmt::format("{} stands twice in the checkpoint.", name));
    place->second.name = name;
  }
  model.bytes += files.bytes;
  model.files.insert(model.files.end(), files.files.begin(), files.files.end());
}

/// google/siglip-* hold both towers of the two-tower model; only the vision tower's tensors concern us.
void keep_vision_tower(ModelTensors& model) {
  const std::string prefix = std::string(kVisionPrefix) + "vision_model.";
  const bool two_towers = std::any_of(model.tensors.begin(), model.tensors.end(), [&](const auto& entry) {
    return entry.first.find("text_model.") != std::string::npos;
  });
  if (!two_towers) return;
  std::erase_if(model.tensors, [&](const auto& entry) { return !entry.first.starts_with(prefix); });
}

bool says_vision(const nlohmann::ordered_json& config) {
  const auto type = config.find("model_type");
  if (type == config.end() || !type->is_string()) return config.contains("patch_size");
  const std::string_view text = type->get_ref<const std::string&>();
  return text.starts_with("siglip") || text.starts_with("clip") || text.starts_with("dinov2");
}

std::string fault_of(const StoredTensor& tensor, const std::vector<int64_t>& expected) {
  if (tensor.shape != expected) {
    return fmt::format("{} has the shape {}, but config.json asks for {}", tensor.name, shape_text(tensor.shape),
                       shape_text(expected));
  }
  if (!is_floating(tensor.dtype)) return fmt::format("{} holds {}, not weights", tensor.name, name_of(tensor.dtype));
  return {};
}

}  // namespace

std::string detect_layout(const fs::path& folder) {
  if (!fs::is_directory(folder)) throw UserError(fmt::format("{} is not a folder with a model.", folder.string()));
  if (is_split(folder)) return "split";
  if (!fs::is_regular_file(folder / "config.json")) {
    throw UserError(fmt::format(
        "{} holds no config.json, so it is not a model's folder. Choose the folder that has config.json and "
        "model.safetensors (or the folders language_model, vision_tower and connector).",
        folder.string()));
  }
  const auto config = read_config_file(folder / "config.json");
  const auto type = config.find("model_type");
  if (type != config.end() && *type == "llava") return "llava_hf";
  if (config.contains("text_config") && config.contains("connector_type")) return "tinyllava_hf";
  if (says_vision(config)) return "vision_tower";
  if (config.contains("vision_config") || (type != config.end() && *type == "tinyllava")) return "tinyllava_hf";
  return "language_model";
}

ModelTensors open_model_tensors(const fs::path& folder) {
  ModelTensors model;
  model.layout = detect_layout(folder);
  if (model.layout == "llava_hf") {
    throw UserError(
        fmt::format("{} has the llava-hf layout (model_type \"llava\"), which this version doesn't open; "
                    "TinyLLaVA's layouts are.",
                    folder.string()));
  }
  if (model.layout == "split") {
    for (const char* part : kParts) {
      // An identity connector has no file.
      if (part == std::string_view("connector") && !has_tensor_files(folder / part)) continue;
      add_tensors(model, open_tensor_files(folder / part), part);
    }
  } else if (model.layout == "tinyllava_hf") {
    add_tensors(model, open_tensor_files(folder), {});
  } else {
    add_tensors(model, open_tensor_files(folder), model.layout);
    if (model.layout == "vision_tower") keep_vision_tower(model);
  }
  return model;
}

void adapt_config(ModelConfig& config, ModelTensors& tensors) {
  const std::string head = std::string(kVisionPrefix) + "vision_model.head.";
  const auto first = tensors.tensors.lower_bound(head);
  config.vision.has_head = first != tensors.tensors.end() && first->first.starts_with(head);

  const auto lm_head = tensors.tensors.find(std::string(kHead));
  // The split layout is saved from named_parameters(), which leaves a tied head out whatever config.json says.
  if (tensors.layout == "split" && lm_head == tensors.tensors.end()) config.language.tie_word_embeddings = true;
  if (config.language.tie_word_embeddings && lm_head != tensors.tensors.end()) {
    tensors.dropped.push_back(lm_head->first);
    tensors.tensors.erase(lm_head);
  }
}

std::vector<std::string> tensor_faults(const ModelConfig& config, const ModelTensors& tensors) {
  ParameterShapes expected;
  if (tensors.layout == "language_model") {
    expected = language_parameter_shapes(config.language, std::string(kLanguagePrefix));
  } else if (tensors.layout == "vision_tower") {
    expected = vision_parameter_shapes(config.vision, std::string(kVisionPrefix));
  } else {
    expected = parameter_shapes(config);
  }
  std::vector<std::string> faults;
  for (const auto& [name, shape] : expected) {
    const auto found = tensors.tensors.find(name);
    if (found == tensors.tensors.end()) {
      faults.push_back(name + " is missing");
    } else if (std::string fault = fault_of(found->second, shape); !fault.empty()) {
      faults.push_back(std::move(fault));
    }
  }
  for (const auto& [name, tensor] : tensors.tensors) {
    if (!expected.contains(name)) faults.push_back(name + " is unexpected");
  }
  return faults;
}

}  // namespace llavakd
