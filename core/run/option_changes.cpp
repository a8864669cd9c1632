// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/option_changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/base/errors.h"
#include "core/project/project_file.h"
#include "core/project/visitors.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;

/// A list as an object by one of its elements' keys, so that a difference names the element.
Json by_name(const Json& list, const char* key) {
  Json object = Json::object();
  for (const Json& element : list) object[element.at(key).get<std::string>()] = element;
  return object;
}

/// A list without names as an object by place, from 1.
Json by_place(const Json& list) {
  Json object = Json::object();
  for (const Json& element : list) object[std::to_string(object.size() + 1)] = element;
  return object;
}

/// Of the stages those that run.
Json deciding_options(const Project& project) {
  Json chosen = shared_options(project);
  const Json all = to_json(project);
  for (const char* key : {"probes", "evaluations"}) chosen[key] = by_place(all.value(key, Json::array()));
  chosen["stages"] = Json::object();
  for (const StageOptions& stage : scheduled_stages(project)) {
    Json& options = chosen["stages"][stage.name] = to_json(stage);
    if (options.contains("terms")) options["terms"] = by_name(options["terms"], "term");
  }
  return chosen;
}

std::string value_text(const Json& value) {
  if (value.is_null()) return "absent";
  return value.is_object() ? "there" : value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

Json shared_options(const Project& project) {
  const Json all = to_json(project);
  Json chosen = {{"run", {{"precision", project.run.precision}}}};
  for (const char* key : {"teacher", "student", "template", "image", "max_length"}) chosen[key] = all.at(key);
  return chosen;
}

std::string to_text(const OptionChange& change) {
  return fmt::format("{} is {}, was {}", change.option, value_text(change.is), value_text(change.was));
}

std::optional<std::vector<OptionChange>> changed_options(const Json& was, const Project& is) try {
  const Json before = deciding_options(options_from_json<Project>(was, "run.json: ")), after = deciding_options(is);
  std::vector<OptionChange> changes;
  for (const Json& change : Json::diff(before, after)) {
    Json::json_pointer place(change.at("path").get<std::string>());
    // Of a list, such as "train", an element alone says little.
    while (!place.empty() && before.contains(place.parent_pointer()) && before.at(place.parent_pointer()).is_array())
      place.pop_back();
    std::string option = place.to_string().substr(1);
    std::ranges::replace(option, '/', '.');
    if (!changes.empty() && changes.back().option == option) continue;  // another element of the same list
    changes.push_back({std::move(option), before.value(place, Json()), after.value(place, Json())});
  }
  return changes;
} catch (const UserError&) {
  return std::nullopt;
}

std::string changed_facts(const Json& was, const Json& is) {
  std::string text;
  for (const auto& [name, value] : is.items())
    if (was.is_object() && was.contains(name) && was[name] != value)
      text +=
          fmt::format("{}{} is {}, was {}", text.empty() ? "" : "; ", name, value_text(value), value_text(was[name]));
  return text;
}

}  // namespace llavakd
