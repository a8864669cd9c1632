// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model_spec/lora_adapter.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/base/errors.h"
#include "core/base/name_list.h"
#include "core/io/config_json.h"
#include "core/io/tensor_files.h"
#include "core/model_spec/foreign_config.h"
#include "core/model_spec/lora_names.h"
#include "core/model_spec/shards.h"
#include "core/model_spec/tensor_names.h"

namespace llavakd {

namespace fs = std::filesystem;

namespace {

using Kind = WeightChange::Kind;

/// The tensors that an adapter holds for one module.
struct ModuleTensors {
  std::map<AdapterPart, StoredTensor> parts;
  bool base_stored = false;  ///< The adapter contains the base's weight too, as training left it.
};

[[noreturn]] void refuse_module(const fs::path& folder, std::string_view module, const std::string& reason) {
  throw UserError(fmt::format("{}: the adapter of {} {}.", folder.string(), module, reason));
}

/// The weight's name behind the module's: "weight", or the parameter that target_parameters names.
std::string parameter_of(const LoraSettings& settings, const std::string& module) {
  for (const std::string& parameter : settings.target_parameters) {
    const size_t dot = parameter.rfind('.');
    if (dot == std::string::npos) continue;
    const std::string_view owner = std::string_view(parameter).substr(0, dot);
    if (module == owner || (module.ends_with(owner) && module[module.size() - owner.size() - 1] == '.'))
      return parameter.substr(dot + 1);
  }
  return {};
}

/// Shapes of `down` and `up` against each other and the rank.
void check_halves(const fs::path& folder, std::string_view module, const WeightChange& change, int64_t rank) {
  const auto& down = change.down.shape;
  const auto& up = change.up.shape;
  if (!is_floating(change.down.dtype) || !is_floating(change.up.dtype))
    refuse_module(folder, module, "holds no weights");
  const bool sized = change.kind == Kind::convolution ? down.size() == 4 && up.size() == 4 && up[2] == 1 && up[3] == 1
                                                      : down.size() == 2 && up.size() == 2;
  if (!sized || down[0] != rank || up[1] != rank)
    refuse_module(
        folder, module,
        fmt::format("has the shapes {} and {}, which don't fit r = {}", shape_text(down), shape_text(up), rank));
}

std::optional<StoredTensor> taken(ModuleTensors& module, AdapterPart part) {
  const auto found = module.parts.find(part);
  if (found == module.parts.end()) return std::nullopt;
  std::optional<StoredTensor> tensor(std::move(found->second));
  module.parts.erase(found);
  return tensor;
}

/// The module's low-rank change and what goes with it.
void add_low_rank(LoraAdapter& adapter, const fs::path& folder, std::string_view origin, const LoraSettings& settings,
                  const std::string& name, ModuleTensors& module) {
  const bool embedding = module.parts.contains(AdapterPart::embedding_down);
  auto down = taken(module, embedding ? AdapterPart::embedding_down : AdapterPart::down);
  auto up = taken(module, embedding ? AdapterPart::embedding_up : AdapterPart::up);
  if (!down || !up) refuse_module(folder, name, "has only one of lora_A and lora_B");
  const std::string parameter = parameter_of(settings, name);
  const std::string pattern_name = parameter.empty() ? name : name + "." + parameter;
  WeightChange change;
  change.target = name_in_model(origin, name + "." + (parameter.empty() ? "weight" : parameter));
  change.kind = embedding ? Kind::embedding : down->shape.size() == 4 ? Kind::convolution : Kind::linear;
  change.down = std::move(*down);
  change.up = std::move(*up);
  change.scale = settings.scale_of(pattern_name);
  change.magnitude = taken(module, AdapterPart::magnitude);
  // A stored base is what training left of it: nothing has to be taken out.
  if (!module.base_stored) change.base_change = settings.base_change;
  check_halves(folder, name, change, settings.rank_of(pattern_name));
  if (change.magnitude.has_value() != settings.magnitudes)
    refuse_module(folder, name,
                  settings.magnitudes ? "has no lora_magnitude_vector, although use_dora is true"
                                      : "has a lora_magnitude_vector, although use_dora is not true");
  if (change.base_change != BaseChange::none && change.kind != Kind::linear)
    refuse_module(folder, name, "can't have begun as PiSSA or OLoRA, which are for linear layers");
  const double scale = change.scale;
  adapter.changes.push_back(std::move(change));
  if (auto bias = taken(module, AdapterPart::up_bias)) {
    WeightChange added;
    added.target = name_in_model(origin, name + ".bias");
    added.kind = Kind::bias;
    added.up = std::move(*bias);
    added.scale = scale;
    adapter.changes.push_back(std::move(added));
  }
}

/// Single tokens that were trained: rows in place of the weight's.
void add_rows(LoraAdapter& adapter, const fs::path& folder, std::string_view origin, const LoraSettings& settings,
              const std::string& name, StoredTensor rows) {
  const auto ids = std::find_if(settings.tokens.begin(), settings.tokens.end(),
                                [&](const auto& tokens) { return name.ends_with(tokens.first); });
  if (ids == settings.tokens.end())
    refuse_module(folder, name, "has trained tokens that trainable_token_indices doesn't list");
  if (rows.shape.size() != 2 || rows.shape[0] != static_cast<int64_t>(ids->second.size()))
    refuse_module(folder, name,
                  fmt::format("has {} trained tokens of the shape {}, but trainable_token_indices lists {}",
                              rows.shape.empty() ? 0 : rows.shape[0], shape_text(rows.shape), ids->second.size()));
  if (std::set<int64_t>(ids->second.begin(), ids->second.end()).size() != ids->second.size())
    refuse_module(folder, name, "has a token twice in trainable_token_indices");
  WeightChange change;
  change.target = name_in_model(origin, name + ".weight");
  change.kind = Kind::rows;
  change.up = std::move(rows);
  change.row_ids = ids->second;
  adapter.changes.push_back(std::move(change));
}

/// A name ends with one of modules_to_save, or is in a module that does (peft/utils/other.py, _set_trainable).
bool is_saved_copy(const LoraSettings& settings, const std::string& name) {
  for (size_t dot = name.find('.'); dot != std::string::npos; dot = name.find('.', dot + 1))
    for (const std::string& module : settings.modules_to_save)
      if (std::string_view(name).substr(0, dot).ends_with(module)) return true;
  return false;
}

void add_whole_weight(LoraAdapter& adapter, const LoraSettings& settings, std::string_view origin,
                      const std::string& inner, StoredTensor tensor) {
  const std::string name = name_in_model(origin, inner);
  tensor.name = name;
  if (!settings.keeps_tie && is_saved_copy(settings, inner)) adapter.copies.insert(name);
  adapter.replaced.insert_or_assign(name, std::move(tensor));
}

void add_adapter_file(LoraAdapter& adapter, const fs::path& folder, const fs::path& file, std::string_view origin,
                      const LoraSettings& settings) {
  TensorFiles files = open_tensor_files(file);
  refuse_shards(file.string(), files.tensors);
  std::map<std::string, ModuleTensors> modules;
  std::vector<std::string> passed_over;
  for (StoredTensor& tensor : files.tensors) {
    const AdapterName name = read_adapter_name(tensor.name);
    if (name.part == AdapterPart::other_kind)
      throw UserError(
          fmt::format("{}: {} is of a kind of adapter that is not merged here.", file.string(), tensor.name));
    if (name.part == AdapterPart::of_training) {
      passed_over.push_back(tensor.name);
      continue;
    }
    if (name.part == AdapterPart::whole) {
      if (name.base_layer && name.inner.ends_with(".weight"))
        modules[name.inner.substr(0, name.inner.size() - std::string_view(".weight").size())].base_stored = true;
      add_whole_weight(adapter, settings, origin, name.inner, std::move(tensor));
      continue;
    }
    const std::string stored = tensor.name;
    if (!modules[name.inner].parts.emplace(name.part, std::move(tensor)).second)
      throw UserError(fmt::format("{}: there are two tensors for {}.", file.string(), stored));
  }
  for (auto& [name, module] : modules) {
    if (auto rows = taken(module, AdapterPart::rows))
      add_rows(adapter, folder, origin, settings, name, std::move(*rows));
    if (!module.parts.empty()) add_low_rank(adapter, folder, origin, settings, name, module);
    if (!module.parts.empty()) refuse_module(folder, name, "holds tensors that don't belong together");
  }
  if (!passed_over.empty())
    adapter.warnings.push_back(
        fmt::format("The adapter's tensors of training alone are passed over: {}.", name_list(passed_over)));
  adapter.files.insert(adapter.files.end(), files.files.begin(), files.files.end());
  adapter.bytes += files.bytes;
}

}  // namespace

bool has_lora_adapter(const fs::path& folder) {
  std::error_code error;
  return fs::is_regular_file(folder / "adapter_config.json", error);
}

LoraAdapter open_lora_adapter(const fs::path& folder, std::string_view origin) {
  const LoraSettings settings = read_lora_settings(folder / "adapter_config.json");
  LoraAdapter adapter;
  adapter.folder = folder;
  adapter.warnings = settings.warnings;
  fs::path file = folder / "adapter_model.safetensors";
  std::error_code error;
  if (!fs::is_regular_file(file, error)) file = folder / "adapter_model.bin";
  if (!fs::is_regular_file(file, error))
    throw UserError(folder.string() + " holds adapter_config.json, but no adapter_model.safetensors or .bin.");
  add_adapter_file(adapter, folder, file, origin, settings);
  if (const fs::path others = folder / "non_lora_trainables.bin"; fs::is_regular_file(others, error))
    add_adapter_file(adapter, folder, others, origin, settings);
  return adapter;
}

void check_change(const fs::path& folder, const WeightChange& change, const StoredTensor& weight) {
  const auto& shape = weight.shape;
  const auto& up = change.up.shape;
  const auto& down = change.down.shape;
  bool fits = false;
  switch (change.kind) {
    case Kind::linear:
      // A parameter [1, rows, width] is changed as the matrix in it.
      fits = shape == std::vector<int64_t>{up[0], down[1]} || shape == std::vector<int64_t>{1, up[0], down[1]};
      break;
    case Kind::embedding:
      fits = shape == std::vector<int64_t>{down[1], up[0]};
      break;
    case Kind::convolution:
      fits = shape == std::vector<int64_t>{up[0], down[1], down[2], down[3]};
      break;
    case Kind::rows:
      fits = shape.size() == 2 && shape[1] == up[1] &&
             std::ranges::all_of(change.row_ids, [&](int64_t id) { return id < shape[0]; });
      break;
    case Kind::bias:
      fits = shape == up;
      break;
  }
  if (!fits)
    refuse_module(folder, change.target,
                  fmt::format("(shapes {} and {}) doesn't fit the weight's shape {}", shape_text(down), shape_text(up),
                              shape_text(shape)));
  if (!change.magnitude) return;
  const int64_t lengths = change.kind == Kind::embedding ? shape[1] : shape[0];
  if (change.magnitude->elements() != lengths || !is_floating(change.magnitude->dtype))
    refuse_module(folder, change.target,
                  fmt::format("has a lora_magnitude_vector of the shape {}, where {} numbers are needed",
                              shape_text(change.magnitude->shape), lengths));
}

fs::path lora_base_folder(const fs::path& folder) {
  const fs::path file = folder / "adapter_config.json";
  const nlohmann::ordered_json json = read_config_file(file);
  const std::string name = without_slashes(ConfigObject(json, file.string()).text("base_model_name_or_path", ""));
  fs::path base = find_beside(folder, name);
  if (!base.empty()) return base;
  throw UserError(fmt::format(
      "{}: the adapter changes the model \"{}\", which is not here. Put its folder (config.json and weights) "
      "into the adapter's folder or next to it, named \"{}\".",
      file.string(), name, fs::path(name).filename().string()));
}

}  // namespace llavakd
