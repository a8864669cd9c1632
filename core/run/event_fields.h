// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// How the members of an event go into JSON and come out of it, by the `fields` of event_types.h.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/printable.h"
#include "core/run/event_types.h"

namespace llavakd {

/// A struct whose members `fields` names.
template <class T>
concept EventPart = requires(T& part, int& field) {
  T::fields(part, field);
};

/// Appends members to a JSON object.
class EventFieldWriter {
 public:
  using Json = nlohmann::ordered_json;
  explicit EventFieldWriter(Json& object) : object_(object) {}

  /// An optional member without a value is left out.
  template <class T>
  void operator()(const char* key, const std::optional<T>& value) {
    if (value) object_[key] = *value;
  }
  template <class T>
  void operator()(const char* key, const T& value) {
    object_[key] = json_of(value);
  }
  template <class T>
  void unless_empty(const char* key, const std::vector<T>& values) {
    if (!values.empty()) object_[key] = json_of(values);
  }
  void unless_empty(const char* key, const std::string& text) {
    if (!text.empty()) object_[key] = text;
  }
  void rest(const NamedNumbers& numbers) {
    for (const auto& [key, value] : numbers) object_[key] = value;
  }
  void rest(const Json& content) {
    for (const auto& [key, value] : content.items()) object_[key] = value;
  }
  void rest(const TaskResult& result) { rest(to_json(result)); }
  void format() { object_["format"] = event_format; }

 private:
  static const Json& json_of(const Json& value) { return value; }
  static Json json_of(const std::string& value) { return value; }
  static Json json_of(int64_t value) { return value; }
  static Json json_of(double value) { return value; }
  static Json json_of(bool value) { return value; }
  static Json json_of(const NamedNumbers& numbers) { return to_json(numbers); }
  template <class T>
  static Json json_of(const std::vector<T>& values) {
    Json array = Json::array();
    for (const T& value : values) array.push_back(json_of(value));
    return array;
  }
  template <EventPart T>
  static Json json_of(const T& part) {
    Json object = Json::object();
    EventFieldWriter writer(object);
    T::fields(part, writer);
    return object;
  }

  Json& object_;
};

/// Takes members from a JSON object; a key that it lacks leaves its member as it is. Throws UserError that names the
/// key where a value has the wrong type.
class EventFieldReader {
 public:
  using Json = nlohmann::ordered_json;
  /// `where` names the object in messages: "step" makes "step.total must be a number". Keys that are `taken` are read
  /// elsewhere.
  EventFieldReader(const Json& object, std::string where, std::span<const std::string_view> taken = {})
      : object_(object), where_(std::move(where)) {
    taken_.reserve(taken.size() + object.size());
    taken_.assign(taken.begin(), taken.end());
  }

  template <class T>
  void operator()(const char* key, T& value) {
    taken_.emplace_back(key);
    if (const auto found = object_.find(key); found != object_.end()) read(*found, value, key);
  }
  template <class T>
  void unless_empty(const char* key, T& value) {
    (*this)(key, value);
  }
  /// All numbers under other keys.
  void rest(NamedNumbers& numbers) {
    for (const auto& [key, value] : object_.items())
      if ((value.is_number() || value.is_null()) && !is_taken(key))
        read(value, numbers.emplace_back(key, NAN).second, key);
  }
  /// All that is under other keys.
  void rest(Json& content) {
    content = object_;
    for (const std::string_view key : taken_) content.erase(std::string(key));
  }
  void rest(TaskResult& result) {
    Json content = Json::object();
    rest(content);
    result = task_result_from_json(content);
  }
  void format() { taken_.emplace_back("format"); }

 private:
  bool is_taken(std::string_view key) const { return std::ranges::find(taken_, key) != taken_.end(); }
  [[noreturn]] void refuse(std::string_view key, const char* wanted, const Json& value) const;

  void read(const Json& value, Json& into, std::string_view) { into = value; }
  void read(const Json& value, std::string& into, std::string_view key) {
    if (!value.is_string()) refuse(key, "text", value);
    into = value.get_ref<const std::string&>();
  }
  void read(const Json& value, int64_t& into, std::string_view key);
  void read(const Json& value, double& into, std::string_view key) {
    if (!value.is_number() && !value.is_null()) refuse(key, "a number", value);
    into = value.is_null() ? NAN : value.get<double>();
  }
  void read(const Json& value, bool& into, std::string_view key) {
    if (!value.is_boolean()) refuse(key, "true or false", value);
    into = value.get<bool>();
  }
  void read(const Json& value, NamedNumbers& into, std::string_view key) {
    if (!value.is_object()) refuse(key, "an object of numbers", value);
    into.reserve(value.size());
    for (const auto& [name, number] : value.items()) {
      if (!number.is_number() && !number.is_null())
        refuse(std::string(key) + '.' + printable(name, 40), "a number", number);
      read(number, into.emplace_back(name, NAN).second, name);
    }
  }
  template <class T>
  void read(const Json& value, std::optional<T>& into, std::string_view key) {
    if (!value.is_null()) read(value, into.emplace(), key);
  }
  template <class T>
  void read(const Json& value, std::vector<T>& into, std::string_view key) {
    if (!value.is_array()) refuse(key, "a list", value);
    into.reserve(value.size());
    for (const Json& element : value) read(element, into.emplace_back(), key);
  }
  template <EventPart T>
  void read(const Json& value, T& into, std::string_view key) {
    if (!value.is_object()) refuse(key, "an object", value);
    EventFieldReader part(value, where_ + '.' + std::string(key));
    T::fields(into, part);
  }

  const Json& object_;
  std::string where_;
  std::vector<std::string_view> taken_;
};

inline void write_fields(const EventBody& body, nlohmann::ordered_json& object) {
  EventFieldWriter writer(object);
  std::visit([&](const auto& event) { std::decay_t<decltype(event)>::fields(event, writer); }, body);
}

}  // namespace llavakd
