// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/preflight/preflight_fix.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace llavakd {
namespace {

using FixAction = PreflightFix::Action;

constexpr std::array<std::pair<FixAction, std::string_view>, 6> action_names = {{{FixAction::set, "set"},
                                                                                 {FixAction::choose, "choose"},
                                                                                 {FixAction::edit, "edit"},
                                                                                 {FixAction::show, "show"},
                                                                                 {FixAction::copy, "copy"},
                                                                                 {FixAction::samples, "samples"}}};

std::string text_at(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

PreflightFix set_fix(std::string label, std::vector<std::string> settings) {
  return {.action = FixAction::set, .label = std::move(label), .settings = std::move(settings), .key = {}, .text = {}};
}

PreflightFix choose_fix(std::string label, std::string key) {
  return {.action = FixAction::choose, .label = std::move(label), .settings = {}, .key = std::move(key), .text = {}};
}

PreflightFix edit_fix(std::string key) {
  return {.action = FixAction::edit, .label = "Show the field", .settings = {}, .key = std::move(key), .text = {}};
}

PreflightFix show_fix(const std::filesystem::path& folder) {
  return {.action = FixAction::show, .label = "Show the folder", .settings = {}, .key = {}, .text = folder.string()};
}

PreflightFix copy_fix(std::string label, std::string text) {
  return {.action = FixAction::copy, .label = std::move(label), .settings = {}, .key = {}, .text = std::move(text)};
}

PreflightFix samples_fix(std::string key) {
  return {.action = FixAction::samples, .label = "Show them", .settings = {}, .key = std::move(key), .text = {}};
}

std::string stage_key(const Project& project, const StageOptions& stage, std::string_view field) {
  const auto found = std::ranges::find(project.stages, stage.name, &StageOptions::name);
  return fmt::format("stages[{}]{}{}", found - project.stages.begin(), field.empty() ? "" : ".", field);
}

nlohmann::ordered_json to_json(const PreflightFix& fix) {
  const auto name = std::ranges::find(action_names, fix.action, &decltype(action_names)::value_type::first);
  nlohmann::ordered_json json = {{"action", name->second}, {"label", fix.label}};
  if (!fix.settings.empty()) json["settings"] = fix.settings;
  if (!fix.key.empty()) json["key"] = fix.key;
  if (!fix.text.empty()) json["text"] = fix.text;
  return json;
}

std::vector<PreflightFix> fixes_from_json(const nlohmann::json& list) {
  std::vector<PreflightFix> fixes;
  if (!list.is_array()) return fixes;
  for (const nlohmann::json& object : list) {
    if (!object.is_object()) continue;
    const std::string name = text_at(object, "action");
    const auto action = std::ranges::find(action_names, name, &decltype(action_names)::value_type::second);
    if (action == action_names.end()) continue;
    PreflightFix& fix = fixes.emplace_back();
    fix.action = action->first;
    fix.label = text_at(object, "label");
    fix.key = text_at(object, "key");
    fix.text = text_at(object, "text");
    const auto settings = object.find("settings");
    if (settings == object.end() || !settings->is_array()) continue;
    for (const nlohmann::json& setting : *settings)
      if (setting.is_string()) fix.settings.push_back(setting.get<std::string>());
  }
  return fixes;
}

}  // namespace llavakd
