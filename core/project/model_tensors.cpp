// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/model_tensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <system_error>
#include <utility>

#include "core/io/tensor_files.h"
#include "core/project/config_json.h"
#include "core/project/errors.h"
#include "core/project/foreign_config.h"
#include "core/project/gguf_config.h"
#include "core/project/gguf_model.h"
#include "core/project/lora_adapter.h"
#include "core/project/other_models.h"
#include "core/project/parameter_shapes.h"
#include "core/project/tensor_names.h"

namespace llavakd {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kHead = "language_model.lm_head.weight";

/// The folders of the split layout, one for each part.
constexpr std::array kParts{"language_model", "vision_tower", "connector"};

bool is_split(const fs::path& folder) {
  return has_tensor_files(folder / "language_model") &&
         (has_tensor_files(folder / "connector") || has_tensor_files(folder / "vision_tower"));
}

/// Adds a file's tensors under the names of the whole model; `origin` as name_in_model takes it.
void add_tensors(ModelTensors& model, TensorFiles files, std::string_view origin) {
  for (StoredTensor& tensor : files.tensors) {
    const std::string name = name_in_model(origin, tensor.name);
    if (is_leftover_buffer(name)) {
      model.dropped.push_back(name);
      continue;
    }
    const auto [place, added] = model.tensors.emplace(name, std::move(tensor));
    if (!added) throw UserError(fmt::format("{} stands twice in the checkpoint.", name));
    place->second.name = name;
  }
  model.format = files.format;
  model.bytes += files.bytes;
  model.files.insert(model.files.end(), files.files.begin(), files.files.end());
}

/// google/siglip-* hold both towers of the two-tower model; only the vision tower's tensors concern us.
void keep_vision_tower(ModelTensors& model) {
  const std::string prefix = std::string(kVisionPrefix) + "vision_model.";
  // CLIPVisionModelWithProjection brings this alone.
  model.tensors.erase(std::string(kVisionPrefix) + "visual_projection.weight");
  const bool two_towers = std::any_of(model.tensors.begin(), model.tensors.end(), [&](const auto& entry) {
    return entry.first.find("text_model.") != std::string::npos;
  });
  if (!two_towers) return;
  std::erase_if(model.tensors, [&](const auto& entry) { return !entry.first.starts_with(prefix); });
}

bool has_prefix(const ModelTensors& model, std::string_view prefix) {
  const auto first = model.tensors.lower_bound(std::string(prefix));
  return first != model.tensors.end() && first->first.starts_with(prefix);
}

/// The original LLaVA saves the connector of its first stage alone (mm_projector.bin) and never needs to hold its
/// tower, which is a model of the hub.
void add_parts_beside(ModelTensors& model, const fs::path& folder) {
  if (!has_prefix(model, kConnectorPrefix)) {
    const fs::path projector = folder / "mm_projector.bin";
    std::error_code error;
    if (!fs::is_regular_file(projector, error)) {
      throw UserError(
          fmt::format("{} holds no connector: neither model.mm_projector among its weights nor the file "
                      "mm_projector.bin.",
                      folder.string()));
    }
    add_tensors(model, open_tensor_files(projector), "llava");
  }
  if (has_prefix(model, kVisionPrefix)) return;
  ModelTensors tower;
  add_tensors(tower, open_tensor_files(tower_folder(folder, read_config_file(folder / "config.json"))), "vision_tower");
  keep_vision_tower(tower);
  model.tensors.merge(tower.tensors);
  model.dropped.insert(model.dropped.end(), tower.dropped.begin(), tower.dropped.end());
  model.files.insert(model.files.end(), tower.files.begin(), tower.files.end());
  model.bytes += tower.bytes;
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

/// A connector_type that isn't the weights' makes a fault of each of its tensors; this says so first.
std::string connector_fault(const ModelConfig& config, const ParameterShapes& expected, const ModelTensors& tensors) {
  bool any = false;
  for (const auto& [name, tensor] : tensors.tensors) {
    if (!name.starts_with(kConnectorPrefix)) continue;
    if (expected.contains(name)) return {};
    any = true;
  }
  return any ? fmt::format("connector_type \"{}\" of config.json isn't that of the connector's tensors",
                           config.connector_type)
             : std::string();
}

/// The tensors of a folder that has this layout.
void add_base(ModelTensors& model, const fs::path& folder, const std::string& layout) {
  if (layout == "split") {
    for (const char* part : kParts) {
      // An identity connector has no file.
      if (part == std::string_view("connector") && !has_tensor_files(folder / part)) continue;
      add_tensors(model, open_tensor_files(folder / part), part);
    }
    return;
  }
  add_tensors(model, open_tensor_files(folder), layout);
  if (layout == "vision_tower") keep_vision_tower(model);
}

/// Adapter and the weights trained beside it; each update must find its weight.
void add_adapter(ModelTensors& model, const fs::path& folder, const std::string& origin) {
  LoraAdapter adapter = open_lora_adapter(folder, origin);
  for (auto& [name, tensor] : adapter.replaced) model.tensors.insert_or_assign(name, std::move(tensor));
  for (LowRankUpdate& update : adapter.updates) {
    const auto weight = model.tensors.find(update.target);
    if (weight == model.tensors.end())
      throw UserError(
          fmt::format("{}: the adapter changes {}, which the model doesn't have.", folder.string(), update.target));
    const std::vector<int64_t> shape{update.up.shape[0], update.down.shape[1]};
    if (weight->second.shape != shape)
      throw UserError(fmt::format("{}: the adapter of {} is for the shape {}, but the weight has {}.", folder.string(),
                                  update.target, shape_text(shape), shape_text(weight->second.shape)));
    model.updates.push_back(std::move(update));
  }
  model.files.insert(model.files.end(), adapter.files.begin(), adapter.files.end());
  model.bytes += adapter.bytes;
}

/// What stands at that path. Throws UserError where that can't be told: a folder that may not be entered, say.
fs::file_type kind_of(const fs::path& path) {
  std::error_code error;
  const fs::file_type kind = fs::status(path, error).type();
  if (kind == fs::file_type::none)
    throw UserError(fmt::format("{} can't be read: {}.", path.string(), error.message()));
  return kind;
}

}  // namespace

std::string detect_layout(const fs::path& folder) {
  if (!gguf_file(folder).empty()) return "language_model";
  if (kind_of(folder) != fs::file_type::directory)
    throw UserError(fmt::format("{} is not a folder with a model, nor a GGUF file.", folder.string()));
  if (is_split(folder)) return "split";
  const bool has_config = kind_of(folder / "config.json") == fs::file_type::regular;
  // lora_base_folder finds only folders with a config.json.
  if (!has_config && has_lora_adapter(folder)) return detect_layout(lora_base_folder(folder));
  if (!has_config) {
    throw UserError(fmt::format(
        "{} holds no config.json, so it is not a model's folder. Choose the folder that has config.json and "
        "model.safetensors (or the folders language_model, vision_tower and connector).",
        folder.string()));
  }
  const auto config = read_config_file(folder / "config.json");
  refuse_other_model(config, (folder / "config.json").string());
  const auto type = config.find("model_type");
  if (is_original_llava(config)) return "llava";
  if (type != config.end() && *type == "llava") return "llava_hf";
  if (config.contains("text_config") && config.contains("connector_type")) return "tinyllava_hf";
  if (says_vision(config)) return "vision_tower";
  if (config.contains("vision_config") || (type != config.end() && *type == "tinyllava")) return "tinyllava_hf";
  return "language_model";
}

ModelTensors open_model_tensors(const fs::path& folder) {
  ModelTensors model;
  model.layout = detect_layout(folder);
  if (const fs::path gguf = gguf_file(folder); !gguf.empty()) {
    const GgufFile file = GgufFile::open(gguf);
    add_tensors(model, {gguf_tensors(file, gguf_config(file)), {gguf}, fs::file_size(gguf), "gguf"}, model.layout);
    return model;
  }
  if (has_lora_adapter(folder) && model.layout != "split" && !has_tensor_files(folder)) {
    const fs::path base = lora_base_folder(folder);
    if (has_lora_adapter(base)) throw UserError(base.string() + " is itself an adapter; merge it into its base first.");
    add_base(model, base, detect_layout(base));
  } else {
    add_base(model, folder, model.layout);
  }
  if (has_lora_adapter(folder)) {
    add_adapter(model, folder, model.layout == "split" ? "language_model" : model.layout);
  } else if (model.layout == "split" && has_lora_adapter(folder / "language_model")) {
    add_adapter(model, folder / "language_model", "language_model");
  }
  if (model.layout == "llava") add_parts_beside(model, folder);
  return model;
}

void adapt_config(ModelConfig& config, ModelTensors& tensors) {
  config.vision.has_head = has_prefix(tensors, std::string(kVisionPrefix) + "vision_model.head.");

  const auto lm_head = tensors.tensors.find(std::string(kHead));
  // Saved from named_parameters() (split) or without shared tensors (llava_hf): a tied head is left out, whatever
  // text_config says.
  const bool leaves_out = tensors.layout == "split" || tensors.layout == "llava_hf";
  if (leaves_out && lm_head == tensors.tensors.end()) config.language.tie_word_embeddings = true;
  if (config.language.tie_word_embeddings && lm_head != tensors.tensors.end()) {
    tensors.dropped.push_back(lm_head->first);
    tensors.tensors.erase(lm_head);
  }
}

void keep_part(ModelTensors& model, std::string_view part) {
  const auto belongs_elsewhere = [&](const std::string& name) {
    return std::any_of(kParts.begin(), kParts.end(), [&](std::string_view other) {
      return other != part && name.starts_with(other) && name.substr(other.size()).starts_with('.');
    });
  };
  std::erase_if(model.tensors, [&](const auto& entry) { return belongs_elsewhere(entry.first); });
  std::erase_if(model.updates, [&](const LowRankUpdate& update) { return belongs_elsewhere(update.target); });
  model.layout = part;
}

std::vector<std::string> tensor_faults(const ModelConfig& config, const ModelTensors& tensors) {
  ParameterShapes expected;
  if (tensors.layout == "language_model") {
    expected = language_parameter_shapes(config.language, std::string(kLanguagePrefix));
  } else if (tensors.layout == "vision_tower") {
    expected = tower_parameter_shapes(config);
  } else {
    expected = parameter_shapes(config);
  }
  std::vector<std::string> faults;
  for (const LowRankUpdate& update : tensors.updates)
    if (update.target == kHead && config.language.tie_word_embeddings)
      faults.push_back("the adapter changes lm_head, which is the embedding itself (tie_word_embeddings)");
  if (std::string fault = connector_fault(config, expected, tensors); !fault.empty())
    faults.push_back(std::move(fault));
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
