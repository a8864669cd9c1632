// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/events.h"

#include <array>
#include <chrono>

#include "core/base/errors.h"
#include "core/io/json_file.h"
#include "core/run/event_fields.h"

namespace llavakd {

using Json = nlohmann::ordered_json;

namespace {

constexpr std::array<std::string_view, 5> keys_of_all{"type", "time", "stage", "stage_step", "step"};

/// Null for what isn't JSON, or nested deeper than any event: values are copied and printed by recursion.
Json parse_line(std::string_view line) {
  constexpr int deepest = 16;
  try {
    return parse_json(line, "event", JsonLimits{.max_depth = deepest});
  } catch (const UserError&) {
    return nullptr;
  }
}

}  // namespace

std::string to_line(const Event& event) {
  Json json;
  json["type"] = event_type(event.body);
  json["time"] = event.time;
  json["stage"] = event.stage;
  json["stage_step"] = event.stage_step;
  json["step"] = event.step;
  write_fields(event.body, json);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<Event> parse_event(std::string_view line) {
  const Json json = parse_line(line);
  if (!json.is_object()) return std::nullopt;
  const auto type = json.find("type");
  if (type == json.end() || !type->is_string()) return std::nullopt;
  Event event;
  const auto& name = type->get_ref<const std::string&>();
  EventFieldReader reader(json, name);
  reader("time", event.time);
  reader("stage", event.stage);
  reader("stage_step", event.stage_step);
  reader("step", event.step);
  event.body = event_body_from_json(name, json, keys_of_all);
  return event;
}

double now() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace llavakd
