// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/project_merge.h"

#include <algorithm>

#include "core/base/errors.h"
#include "core/project/project_file.h"
#include "core/project/visitors.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;

// The order of the stages, which an object by their names doesn't tell.
constexpr const char* order_key = "stages' order";

Json list_by_name(const Json& list, const char* key) {
  Json object = Json::object();
  for (const Json& element : list) object[element.at(key).get<std::string>()] = element;
  return object;
}

Json list_of(const Json& object) {
  Json list = Json::array();
  for (const auto& [name, element] : object.items()) list.push_back(element);
  return list;
}

/// The project with its stages and their terms by their names.
Json keyed(const Project& project) {
  Json json = to_json(project);
  Json order = Json::array();
  for (Json& stage : json["stages"]) {
    order.push_back(stage.at("name"));
    stage["terms"] = list_by_name(stage.at("terms"), "term");
  }
  json["stages"] = list_by_name(json["stages"], "name");
  json[order_key] = std::move(order);
  return json;
}

/// The other way. Throws UserError when it is no project.
Project project_of(Json json) {
  Json stages = Json::array();
  for (const Json& name : json.at(order_key)) {
    const auto found = json["stages"].find(name.get<std::string>());
    if (found == json["stages"].end()) throw UserError("A stage is missing.");
    (*found)["terms"] = list_of(found->at("terms"));
    stages.push_back(*found);
  }
  json["stages"] = std::move(stages);
  json.erase(order_key);
  json["format"] = "llavakd-project";
  json["version"] = project_version;
  return project_from_text(json.dump(-1, ' ', false, Json::error_handler_t::replace), "merged");
}

const Json& member(const Json& object, const std::string& key) {
  static const Json absent;
  const auto found = object.find(key);
  return found == object.end() ? absent : *found;
}

std::vector<std::string> keys_of(std::initializer_list<const Json*> objects) {
  std::vector<std::string> keys;
  for (const Json* object : objects)
    for (const auto& [key, value] : object->items())
      if (std::ranges::find(keys, key) == keys.end()) keys.push_back(key);
  return keys;
}

std::string below(const std::string& place, const std::string& key) {
  return place.empty() ? key : place + "." + key;
}

void compare(const Json& was, const Json& is, const std::string& place, std::vector<ProjectDifference>& differences) {
  if (was.is_object() && is.is_object()) {
    for (const std::string& key : keys_of({&was, &is}))
      compare(member(was, key), member(is, key), below(place, key), differences);
  } else if (was != is) {
    differences.push_back({place, was, is});
  }
}

Json merge(const Json& base, const Json& mine, const Json& theirs, const std::string& place,
           std::vector<std::string>& conflicts) {
  if (mine == theirs || theirs == base) return mine;
  if (mine == base) return theirs;
  if (!mine.is_object() || !theirs.is_object()) {
    conflicts.push_back(place);
    return mine;
  }
  static const Json nothing = Json::object();
  const Json& before = base.is_object() ? base : nothing;
  Json merged = Json::object();
  for (const std::string& key : keys_of({&mine, &theirs})) {
    Json value = merge(member(before, key), member(mine, key), member(theirs, key), below(place, key), conflicts);
    if (!value.is_null()) merged[key] = std::move(value);
  }
  return merged;
}

}  // namespace

std::vector<ProjectDifference> project_differences(const Project& was, const Project& is) {
  Json before = keyed(was), after = keyed(is);
  std::vector<ProjectDifference> differences;
  // Stages that were added or removed are named already; only another order of the same ones is a difference of its
  // own.
  Json order_before = before[order_key], order_after = after[order_key];
  before.erase(order_key);
  after.erase(order_key);
  compare(before, after, {}, differences);
  Json sorted_before = order_before, sorted_after = order_after;
  std::sort(sorted_before.begin(), sorted_before.end());
  std::sort(sorted_after.begin(), sorted_after.end());
  if (sorted_before == sorted_after && order_before != order_after)
    differences.push_back({"stages", std::move(order_before), std::move(order_after)});
  return differences;
}

MergedProject merge_projects(const Project& base, const Project& mine, const Project& theirs) {
  MergedProject merged;
  const Json result = merge(keyed(base), keyed(mine), keyed(theirs), {}, merged.conflicts);
  try {
    merged.project = project_of(result);
  } catch (const UserError&) {
    merged.project = mine;
    merged.conflicts.emplace_back("stages");
  }
  return merged;
}

}  // namespace llavakd
