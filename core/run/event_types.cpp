// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/event_types.h"

#include <fmt/format.h>

#include <type_traits>

#include "core/base/errors.h"
#include "core/io/config_json.h"
#include "core/run/event_fields.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;

template <class T>
constexpr bool is_known = !std::is_same_v<T, UnknownEvent>;

/// Makes `body` the event of that name; false where there is none.
template <size_t index = 0>
bool choose_event(std::string_view type, EventBody& body) {
  if constexpr (index < std::variant_size_v<EventBody>) {
    using T = std::variant_alternative_t<index, EventBody>;
    if constexpr (is_known<T>)
      if (T::type == type) {
        body.emplace<index>();
        return true;
      }
    return choose_event<index + 1>(type, body);
  }
  return false;
}

/// Only where a process begins or goes on a format is announced.
std::optional<int64_t> announced_newer_format(std::string_view name, const Json& object) {
  if (name != RunStartedEvent::type && name != RunResumedEvent::type) return std::nullopt;
  const auto format = object.find("format");
  if (format == object.end() || !format->is_number_integer() || format->get<int64_t>() <= event_format)
    return std::nullopt;
  return format->get<int64_t>();
}

/// Format 1 said `resumed` of a run that goes on from a checkpoint, with its plan, and of one that was paused.
std::string_view present_name(std::string_view type, const Json& object) {
  if (type != "resumed") return type;
  return object.contains("stages") ? RunResumedEvent::type : UnpausedEvent::type;
}

}  // namespace

void EventFieldReader::refuse(std::string_view key, const char* wanted, const Json& value) const {
  throw UserError(fmt::format("{}.{} must be {}, not {}.", printable(where_, 60), key, wanted, shown(value)));
}

void EventFieldReader::read(const Json& value, int64_t& into, std::string_view key) {
  constexpr double whole_up_to = 9007199254740992;  // 2^53
  if (value.is_number_unsigned() ? value.get<uint64_t>() <= INT64_MAX : value.is_number_integer()) {
    into = value.get<int64_t>();
    return;
  }
  const double number = value.is_number_float() ? value.get<double>() : NAN;
  if (!(std::abs(number) <= whole_up_to) || number != std::trunc(number)) refuse(key, "a whole number", value);
  into = static_cast<int64_t>(number);
}

std::string_view event_type(const EventBody& body) {
  return std::visit(
      [](const auto& event) -> std::string_view {
        using T = std::decay_t<decltype(event)>;
        if constexpr (is_known<T>)
          return T::type;
        else
          return event.name;
      },
      body);
}

Json to_json(const NamedNumbers& numbers) {
  Json object = Json::object();
  for (const auto& [name, value] : numbers) object[name] = value;
  return object;
}

Json to_json(const EventBody& body) {
  Json object = Json::object();
  write_fields(body, object);
  return object;
}

EventBody event_body_from_json(const std::string& type, const Json& object, std::span<const std::string_view> taken) {
  EventBody body;
  const std::string_view name = present_name(type, object);
  if (announced_newer_format(name, object) || !choose_event(name, body)) body = UnknownEvent{.name = type};
  EventFieldReader reader(object, std::string(name), taken);
  std::visit([&](auto& event) { std::decay_t<decltype(event)>::fields(event, reader); }, body);
  return body;
}

std::optional<int64_t> newer_format(const UnknownEvent& event) {
  return announced_newer_format(event.name, event.content);
}

}  // namespace llavakd
