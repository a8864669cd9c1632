// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model_spec/model_tensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <string_view>
#include <system_error>
#include <utility>

#include "core/base/errors.h"
#include "core/base/name_list.h"
#include "core/io/config_json.h"
#include "core/io/foreign_file.h"
#include "core/io/mapped_file.h"
#include "core/io/tensor_files.h"
#include "core/model_spec/apply_adapter.h"
#include "core/model_spec/foreign_config.h"
#include "core/model_spec/gguf_config.h"
#include "core/model_spec/gguf_model.h"
#include "core/model_spec/misplaced_folder.h"
#include "core/model_spec/other_models.h"
#include "core/model_spec/parameter_shapes.h"
#include "core/model_spec/quantised.h"
#include "core/model_spec/shards.h"
#include "core/model_spec/tensor_names.h"
#include "core/model_spec/tied_head.h"

namespace llavakd {

namespace fs = std::filesystem;

namespace {

/// The folders of the split layout, one for each part.
constexpr std::array kParts{"language_model", "vision_tower", "connector"};

bool is_split(const fs::path& folder) {
  return has_tensor_files(folder / "language_model") &&
         (has_tensor_files(folder / "connector") || has_tensor_files(folder / "vision_tower"));
}

/// "WHAT: a, b, c, d, e and 7 more." as one warning, if there is any.
void warn_of(ModelTensors& model, std::string_view what, const std::vector<std::string>& names) {
  if (!names.empty()) model.warnings.push_back(fmt::format("{}: {}.", what, name_list(names)));
}

/// Numbers of types that weights seldom have: read, but worth a line.
void note_types(ModelTensors& model, const std::vector<StoredTensor>& tensors) {
  std::vector<std::string> eighths, doubles;
  for (const StoredTensor& tensor : tensors) {
    if (tensor.blocks) continue;
    if (tensor.dtype == DType::F8_E4M3 || tensor.dtype == DType::F8_E5M2) eighths.push_back(tensor.name);
    if (tensor.dtype == DType::F64) doubles.push_back(tensor.name);
  }
  warn_of(model, "Weights of 8 bits (float8) without scales, read as they are", eighths);
  warn_of(model, "Weights of 64 bits, rounded to 32", doubles);
}

/// Adds a file's tensors under the names of the whole model; `origin` as name_in_model takes it.
void add_tensors(ModelTensors& model, TensorFiles files, std::string_view origin) {
  std::map<std::string, size_t> wrappers;
  std::vector<std::string> buffers;
  note_types(model, files.tensors);
  for (StoredTensor& tensor : files.tensors) {
    unwrapped_name(tensor.name, &wrappers);
    const std::string name = name_in_model(origin, tensor.name);
    if (is_leftover_buffer(name)) {
      buffers.push_back(tensor.name);
      continue;
    }
    const auto [place, added] = model.tensors.emplace(name, std::move(tensor));
    if (!added) throw UserError(fmt::format("{} stands twice in the checkpoint.", name));
    place->second.name = name;
  }
  model.waits_for_adapter = model.waits_for_adapter || wrappers.contains("base_layer");
  for (const auto& [wrapper, count] : wrappers)
    model.warnings.push_back(
        fmt::format("\"{}.\" in the names of {} tensors is of a wrapper around the model that was saved; they are read "
                    "without it.",
                    wrapper, count));
  warn_of(model, "Buffers that every model computes anew are passed over", buffers);
  model.format = files.format;
  model.bytes += files.bytes;
  model.files.insert(model.files.end(), files.files.begin(), files.files.end());
}

/// The weights of a folder, refused if they are quantised or shards. `config` is the folder's config.json.
TensorFiles open_weights(ModelTensors& model, const fs::path& folder, const nlohmann::ordered_json& config) {
  TensorFiles files = open_tensor_files(folder);
  refuse_quantised(folder.string(), config, files.tensors, model.warnings);
  refuse_shards(folder.string(), files.tensors);
  return files;
}

/// config.json unchanged; empty where there is none.
nlohmann::ordered_json config_of(const fs::path& folder) {
  std::error_code error;
  const fs::path file = folder / "config.json";
  return fs::is_regular_file(file, error) ? read_config_file(file) : nlohmann::ordered_json::object();
}

/// google/siglip-* hold both towers of the two-tower model; only the vision tower's tensors concern us.
void keep_vision_tower(ModelTensors& model) {
  const std::string prefix = std::string(kVisionPrefix) + "vision_model.";
  std::vector<std::string> others;
  const bool two_towers = std::any_of(model.tensors.begin(), model.tensors.end(), [&](const auto& entry) {
    return entry.first.find("text_model.") != std::string::npos;
  });
  std::erase_if(model.tensors, [&](const auto& entry) {
    // CLIPVisionModelWithProjection brings the projection alone.
    const bool other = two_towers ? !entry.first.starts_with(prefix)
                                  : entry.first == std::string(kVisionPrefix) + "visual_projection.weight";
    if (other) others.push_back(entry.first.substr(kVisionPrefix.size()));
    return other;
  });
  warn_of(model, "What a two-tower model has besides its vision tower is passed over", others);
}

bool has_prefix(const ModelTensors& model, std::string_view prefix) {
  const auto first = model.tensors.lower_bound(std::string(prefix));
  return first != model.tensors.end() && first->first.starts_with(prefix);
}

/// The original LLaVA saves the connector of its first stage alone (mm_projector.bin) and never needs to hold its
/// tower, which is a model of the hub.
void add_parts_beside(ModelTensors& model, const fs::path& folder) {
  const bool adapter_has_it =
      model.adapter && std::any_of(model.adapter->replaced.begin(), model.adapter->replaced.end(),
                                   [](const auto& entry) { return entry.first.starts_with(kConnectorPrefix); });
  if (!adapter_has_it && !has_prefix(model, kConnectorPrefix)) {
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
  const fs::path tower_path = tower_folder(folder, read_config_file(folder / "config.json"));
  add_tensors(tower, open_weights(tower, tower_path, config_of(tower_path)), "vision_tower");
  keep_vision_tower(tower);
  model.tensors.merge(tower.tensors);
  model.warnings.insert(model.warnings.end(), tower.warnings.begin(), tower.warnings.end());
  model.files.insert(model.files.end(), tower.files.begin(), tower.files.end());
  model.bytes += tower.bytes;
}

bool describes_vision_tower(const nlohmann::ordered_json& config) {
  const auto type = config.find("model_type");
  if (type == config.end() || !type->is_string()) return config.contains("patch_size");
  const std::string_view text = type->get_ref<const std::string&>();
  return text.starts_with("siglip") || text.starts_with("clip") || text.starts_with("dinov2");
}

/// The tensors of a folder that has this layout.
void add_base(ModelTensors& model, const fs::path& folder, const std::string& layout) {
  const nlohmann::ordered_json config = config_of(folder);
  if (layout == "split") {
    for (const char* part : kParts) {
      // An identity connector has no file.
      if (part == std::string_view("connector") && !has_tensor_files(folder / part)) continue;
      add_tensors(model, open_weights(model, folder / part, config), part);
    }
    return;
  }
  add_tensors(model, open_weights(model, folder, config), layout);
  if (layout == "vision_tower") keep_vision_tower(model);
}

/// Opens the adapter of a folder; adapt_config applies it.
void add_adapter(ModelTensors& model, const fs::path& folder, const std::string& origin) {
  // Weights that were saved inside the adapter's wrapper wait for it; of others nobody can tell.
  if (has_tensor_files(folder) && !model.waits_for_adapter)
    throw UserError(fmt::format(
        "{} holds whole weights and a LoRA adapter next to them, and nothing says whether the adapter is merged into "
        "them already. If it is, move adapter_config.json away; if it is not, give the adapter a folder of its own, "
        "whose base_model_name_or_path names this one.",
        folder.string()));
  LoraAdapter adapter = open_lora_adapter(folder, origin);
  model.warnings.insert(model.warnings.end(), adapter.warnings.begin(), adapter.warnings.end());
  model.files.insert(model.files.end(), adapter.files.begin(), adapter.files.end());
  model.bytes += adapter.bytes;
  model.adapter = std::move(adapter);
}

/// What is at that path. Throws UserError where that can't be found out: a folder that may not be entered, say.
fs::file_type kind_of(const fs::path& path) {
  std::error_code error;
  const fs::file_type kind = fs::status(path, error).type();
  if (kind == fs::file_type::none)
    throw UserError(fmt::format("{} can't be read: {}.", path.string(), error.message()));
  return kind;
}

/// A single file can only be a GGUF file; people name those inside a model's folder, too.
void refuse_other_files(const fs::path& path) {
  if (kind_of(path) != fs::file_type::regular || path.extension() == ".gguf") return;
  const auto file = MappedFile::open(path);
  if (file->text().starts_with("GGUF")) return;
  refuse_foreign_file(path, file->text());
  throw UserError(fmt::format("{} is a file, but not a GGUF file; choose the folder of the model that it belongs to.",
                              path.string()));
}

}  // namespace

std::string detect_layout(const fs::path& folder) {
  refuse_other_files(folder);
  if (!gguf_file(folder).empty()) return "language_model";
  if (kind_of(folder) != fs::file_type::directory)
    throw UserError(fmt::format("{} is not a folder with a model, nor a GGUF file.", folder.string()));
  if (is_split(folder)) return "split";
  const bool has_config = kind_of(folder / "config.json") == fs::file_type::regular;
  // lora_base_folder finds only folders with a config.json.
  if (!has_config && has_lora_adapter(folder)) return detect_layout(lora_base_folder(folder));
  if (!has_config) {
    throw UserError(fmt::format("{} holds no config.json, so it is not a model's folder. {}", folder.string(),
                                where_the_model_is(folder)));
  }
  const auto config = read_config_file(folder / "config.json");
  refuse_other_model(config, (folder / "config.json").string());
  const auto type = config.find("model_type");
  if (is_original_llava(config)) return "llava";
  if (type != config.end() && *type == "llava") return "llava_hf";
  if (config.contains("text_config") && config.contains("connector_type")) return "tinyllava_hf";
  if (describes_vision_tower(config)) return "vision_tower";
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

void adapt_config(ModelConfig& config, ModelTensors& tensors, std::string_view part) {
  config.vision.has_head = has_prefix(tensors, std::string(kVisionPrefix) + "vision_model.head.");
  if (part != "vision_tower") {
    resolve_head_bias(config.language, tensors);
    resolve_head(config.language, tensors);
  }
  apply_adapter(config.language, tensors, part);
}

void keep_part(ModelTensors& model, std::string_view part) {
  const auto belongs_elsewhere = [&](const std::string& name) {
    return std::any_of(kParts.begin(), kParts.end(), [&](std::string_view other) {
      return other != part && name.starts_with(other) && name.substr(other.size()).starts_with('.');
    });
  };
  std::erase_if(model.tensors, [&](const auto& entry) { return belongs_elsewhere(entry.first); });
  std::erase_if(model.changes, [&](const WeightChange& change) { return belongs_elsewhere(change.target); });
  model.layout = part;
}

}  // namespace llavakd
