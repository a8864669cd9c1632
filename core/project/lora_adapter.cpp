// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/lora_adapter.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "core/io/tensor_files.h"
#include "core/project/config_json.h"
#include "core/project/errors.h"
#include "core/project/foreign_config.h"
#include "core/project/tensor_names.h"

namespace llavakd {

namespace fs = std::filesystem;

namespace {

using Json = nlohmann::ordered_json;

struct LoraSettings {
  int64_t rank = 0;
  double scale = 1;
};

/// Adapters that don't add to the published weights, or not to all tokens.
void refuse_other_bases(const ConfigObject& config) {
  const auto begin = config.json().find("init_lora_weights");
  constexpr std::array<std::string_view, 3> known{"gaussian", "eva", "orthogonal"};
  // PiSSA, OLoRA, CorDA and LoftQ take the adapter's beginning out of the base, which the file doesn't hold.
  if (begin != config.json().end() && begin->is_string() &&
      std::find(known.begin(), known.end(), begin->get<std::string>()) == known.end())
    throw UserError(fmt::format(
        "{}: init_lora_weights \"{}\" is not supported, since it changes the base; convert the adapter to plain LoRA.",
        config.where(), begin->get<std::string>()));
  if (config.has("alora_invocation_tokens"))
    throw UserError(fmt::format("{}: alora_invocation_tokens is not supported.", config.where()));
}

/// LoraConfig (peft/tuners/lora/config.py): what would be merged otherwise than W + scale · B·A is refused.
LoraSettings read_settings(const fs::path& file) {
  const Json json = read_config_file(file);
  const ConfigObject config(json, file.string());
  if (const std::string type = config.text("peft_type", "LORA"); type != "LORA")
    throw UserError(
        fmt::format("{}: adapters of the type \"{}\" are not supported; known: LORA.", file.string(), type));
  for (const char* key : {"use_dora", "fan_in_fan_out", "lora_bias"}) {
    if (config.boolean(key, false)) throw UserError(fmt::format("{}: {} is not supported.", file.string(), key));
  }
  if (const std::string bias = config.text("bias", "none"); bias != "none")
    throw UserError(fmt::format("{}: bias \"{}\" is not supported; known: none.", file.string(), bias));
  for (const char* key : {"rank_pattern", "alpha_pattern"}) {
    if (const auto pattern = config.child_or_null(key); pattern && !pattern->json().empty())
      throw UserError(fmt::format("{}: {} is not supported.", file.string(), key));
  }
  refuse_other_bases(config);
  LoraSettings settings;
  settings.rank = config.integer("r", 1, 1 << 16, 8);
  const double alpha = config.number("lora_alpha", -1e6, 1e6, 8);
  const auto rank = static_cast<double>(settings.rank);
  settings.scale = alpha / (config.boolean("use_rslora", false) ? std::sqrt(rank) : rank);
  return settings;
}

/// "….q_proj.lora_A.weight", in some files "….q_proj.lora_A.default.weight" -> "….q_proj.weight".
std::string without(std::string_view name, std::string_view marker) {
  std::string target(name.substr(0, name.find(marker)));
  return target += ".weight";
}

void check_update(const fs::path& folder, const LowRankUpdate& update, int64_t rank) {
  const auto refuse = [&](const std::string& reason) {
    throw UserError(fmt::format("{}: the adapter of {} {}.", folder.string(), update.target, reason));
  };
  if (!update.down.data || !update.up.data) refuse("has only one of lora_A and lora_B");
  if (!is_floating(update.down.dtype) || !is_floating(update.up.dtype)) refuse("holds no weights");
  if (update.down.shape.size() != 2 || update.up.shape.size() != 2 || update.down.shape[0] != rank ||
      update.up.shape[1] != rank) {
    refuse(fmt::format("has the shapes {} and {}, which don't fit r = {}", shape_text(update.down.shape),
                       shape_text(update.up.shape), rank));
  }
}

void add_whole_weights(LoraAdapter& adapter, const fs::path& file, std::string_view origin) {
  TensorFiles files = open_tensor_files(file);
  for (StoredTensor& tensor : files.tensors) {
    const std::string name = name_in_model(origin, tensor.name);
    tensor.name = name;
    adapter.replaced.insert_or_assign(name, std::move(tensor));
  }
  adapter.files.push_back(file);
  adapter.bytes += files.bytes;
}

}  // namespace

bool has_lora_adapter(const fs::path& folder) {
  std::error_code error;
  return fs::is_regular_file(folder / "adapter_config.json", error);
}

LoraAdapter open_lora_adapter(const fs::path& folder, std::string_view origin) {
  const LoraSettings settings = read_settings(folder / "adapter_config.json");
  LoraAdapter adapter;
  fs::path file = folder / "adapter_model.safetensors";
  std::error_code error;
  if (!fs::is_regular_file(file, error)) file = folder / "adapter_model.bin";
  if (!fs::is_regular_file(file, error))
    throw UserError(folder.string() + " holds adapter_config.json, but no adapter_model.safetensors or .bin.");
  TensorFiles files = open_tensor_files(file);
  std::map<std::string, LowRankUpdate> updates;
  for (StoredTensor& tensor : files.tensors) {
    const std::string name = name_in_model(origin, tensor.name);
    const bool down = name.find(".lora_A.") != std::string::npos;
    if (!down && name.find(".lora_B.") == std::string::npos) {
      tensor.name = name;
      adapter.replaced.insert_or_assign(name, std::move(tensor));
      continue;
    }
    LowRankUpdate& update = updates[without(name, down ? ".lora_A." : ".lora_B.")];
    StoredTensor& place = down ? update.down : update.up;
    if (place.data) throw UserError(fmt::format("{}: there are two tensors for {}.", file.string(), name));
    place = std::move(tensor);
  }
  for (auto& [target, update] : updates) {
    update.target = target;
    update.scale = settings.scale;
    check_update(folder, update, settings.rank);
    adapter.updates.push_back(std::move(update));
  }
  adapter.files = files.files;
  adapter.bytes = files.bytes;
  if (const fs::path others = folder / "non_lora_trainables.bin"; fs::is_regular_file(others, error))
    add_whole_weights(adapter, others, origin);
  return adapter;
}

fs::path lora_base_folder(const fs::path& folder) {
  const fs::path file = folder / "adapter_config.json";
  const Json json = read_config_file(file);
  const std::string name = without_slashes(ConfigObject(json, file.string()).text("base_model_name_or_path", ""));
  fs::path base = find_beside(folder, name);
  if (!base.empty()) return base;
  throw UserError(fmt::format(
      "{}: the adapter changes the model \"{}\", which is not here. Put its folder (config.json and weights) "
      "into the adapter's folder or beside it, named \"{}\".",
      file.string(), name, fs::path(name).filename().string()));
}

}  // namespace llavakd
