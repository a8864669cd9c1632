// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model_spec/lora_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>

#include "core/base/errors.h"
#include "core/base/printable.h"
#include "core/io/config_json.h"
#include "core/model_spec/config_keys.h"

namespace llavakd {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kWayOut =
    "In Python, PeftModel.from_pretrained(base, adapter).merge_and_unload().save_pretrained(folder) may help.";

[[noreturn]] void refuse_adapter(const ConfigObject& config, const std::string& what) {
  throw UserError(fmt::format("{}: {}. {}", config.where(), what, kWayOut));
}

KeyHolder keys_of(const ConfigObject& config) {
  return {{KeyPlace::adapter}, "", config.where()};
}

void refuse_other_adapters(const ConfigObject& config) {
  if (const std::string type = config.text("peft_type", "LORA"); type != "LORA")
    refuse_adapter(config, fmt::format("this is an adapter of the type {}, of which only LORA is merged here",
                                       printable(type, 40)));
  refuse_keys(config.json(), keys_of(config));
  const std::string bias = config.text("bias", "none");
  if (bias != "none" && bias != "all" && bias != "lora_only")
    refuse_adapter(config, fmt::format("bias \"{}\" is not known; known: none, all, lora_only", printable(bias, 40)));
}

/// init_lora_weights. What the adapter began with matters where it was taken out of the base: an SVD or QR of the base
/// gives that back, random numbers and gradients don't.
BaseChange read_beginning(const ConfigObject& config) {
  const auto found = config.json().find("init_lora_weights");
  if (found == config.json().end() || !found->is_string()) return BaseChange::none;
  const auto& name = found->get_ref<const std::string&>();
  std::string lower = name;
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (name == "pissa") return BaseChange::singular_values;
  if (lower == "olora") return BaseChange::qr;
  if (lower == "gaussian" || lower == "mica" || name == "eva" || name == "orthogonal") return BaseChange::none;
  const std::string said = printable(name, 40);
  if (name.starts_with("pissa_niter_"))
    refuse_adapter(
        config, fmt::format("init_lora_weights \"{}\" took a random approximation out of the base, which these files "
                            "don't hold; save the adapter with path_initial_model_for_weight_conversion",
                            said));
  refuse_adapter(config,
                 fmt::format("init_lora_weights \"{}\" is not supported, since what it took out of the base is not in "
                             "these files; known: true, false, gaussian, eva, orthogonal, mica, pissa, olora",
                             said));
}

std::vector<std::string> read_names(const ConfigObject& config, const char* key) {
  std::vector<std::string> names;
  const auto found = config.json().find(key);
  if (found == config.json().end() || found->is_null()) return names;
  for (const Json& name : found->is_array() ? *found : Json::array({*found})) {
    if (!name.is_string()) throw UserError(fmt::format("{}: {} must be a list of names.", config.where(), key));
    names.push_back(name.get<std::string>());
  }
  return names;
}

std::vector<int64_t> read_ids(const ConfigObject& config, const Json& list) {
  std::vector<int64_t> ids;
  if (!list.is_array()) throw UserError(config.where() + ": trainable_token_indices must be a list of token ids.");
  for (const Json& id : list) {
    if (!id.is_number_unsigned() || id.get<uint64_t>() > (uint64_t{1} << 30))
      throw UserError(config.where() + ": trainable_token_indices must be a list of token ids.");
    ids.push_back(id.get<int64_t>());
  }
  return ids;
}

void read_tokens(const ConfigObject& config, LoraSettings& settings) {
  const auto found = config.json().find("trainable_token_indices");
  if (found == config.json().end() || found->is_null()) return;
  if (!found->is_object()) {
    settings.tokens.emplace_back("", read_ids(config, *found));
    return;
  }
  for (const auto& [module, ids] : found->items()) settings.tokens.emplace_back(module, read_ids(config, ids));
}

void read_patterns(const ConfigObject& config, LoraSettings& settings) {
  if (const auto ranks = config.child_or_null("rank_pattern"))
    for (const auto& [key, value] : ranks->json().items())
      settings.rank_pattern.emplace_back(ModulePattern(key, ranks->where()),
                                         ranks->integer(key.c_str(), 1, 1 << 16, settings.rank));
  if (const auto alphas = config.child_or_null("alpha_pattern"))
    for (const auto& [key, value] : alphas->json().items())
      settings.alpha_pattern.emplace_back(ModulePattern(key, alphas->where()),
                                          alphas->number(key.c_str(), -1e6, 1e6, settings.alpha));
}

template <typename Patterns, typename Value>
Value first_match(const Patterns& patterns, std::string_view name, Value fallback) {
  for (const auto& [pattern, value] : patterns)
    if (pattern.matches(name)) return value;
  return fallback;
}

}  // namespace

int64_t LoraSettings::rank_of(std::string_view name) const {
  return first_match(rank_pattern, name, rank);
}

double LoraSettings::scale_of(std::string_view name) const {
  const auto own_rank = static_cast<double>(rank_of(name));
  return first_match(alpha_pattern, name, alpha) / (rank_stabilised ? std::sqrt(own_rank) : own_rank);
}

LoraSettings read_lora_settings(const std::filesystem::path& file) {
  const Json json = read_config_file(file);
  const ConfigObject config(json, file.string());
  refuse_other_adapters(config);
  LoraSettings settings;
  settings.rank = config.integer("r", 1, 1 << 16, settings.rank);
  settings.alpha = config.number("lora_alpha", -1e6, 1e6, settings.alpha);
  settings.rank_stabilised = config.boolean("use_rslora", false);
  settings.magnitudes = config.boolean("use_dora", false);
  settings.base_change = read_beginning(config);
  read_patterns(config, settings);
  settings.modules_to_save = read_names(config, "modules_to_save");
  settings.target_parameters = read_names(config, "target_parameters");
  read_tokens(config, settings);
  settings.keeps_tie = config.boolean("ensure_weight_tying", false);
  settings.warnings = passed_over(json, keys_of(config));
  return settings;
}

}  // namespace llavakd
