// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/visitors.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <set>
#include <type_traits>

#include "core/base/errors.h"
#include "core/base/printable.h"
#include "core/io/config_json.h"
#include "core/project/option_traits.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;

// ---- writing --------------------------------------------------------------------------------------------------------

class JsonWriter {
 public:
  Json json = Json::object();

  template <class T>
  void operator()(T& value, const Field& field) {
    if (field.omit_if_empty && value == T{}) return;
    json[std::string(field.name)] = write(value);
    if (field.omit_if_usual) omitted_if_usual_.emplace_back(field.name);
  }

  template <class T>
  static Json write(T& value) {
    if constexpr (is_options<T>) {
      JsonWriter writer;
      describe(value, writer);
      if (!writer.omitted_if_usual_.empty()) {
        std::remove_const_t<T> usual{};
        JsonWriter other;
        describe(usual, other);
        for (const std::string& name : writer.omitted_if_usual_)
          if (other.json.contains(name) && writer.json[name] == other.json[name]) writer.json.erase(name);
      }
      return std::move(writer.json);
    } else if constexpr (is_list<T>) {
      Json list = Json::array();
      for (auto& element : value) list.push_back(write(element));
      return list;
    } else {
      return value;
    }
  }

 private:
  std::vector<std::string> omitted_if_usual_;  ///< Names of fields.
};

// ---- reading --------------------------------------------------------------------------------------------------------

class JsonReader {
 public:
  JsonReader(const Json& json, std::string where) : json_(json), where_(std::move(where)) {
    if (!json.is_object()) throw UserError(fmt::format("{} must be an object {{…}}, not {}.", place(), shown(json)));
  }

  template <class T>
  void operator()(T& value, const Field& field) {
    known_.insert(std::string(field.name));
    const auto found = json_.find(field.name);
    if (found == json_.end()) return;
    read(value, *found, join(where_, field.name));
  }

  void refuse_unknown() const {
    for (const auto& [key, value] : json_.items()) {
      if (known_.contains(key)) continue;
      std::string names;
      for (const auto& name : known_) names += (names.empty() ? "" : ", ") + name;
      throw UserError(
          fmt::format("{} is not a known key; known here are {}.", join(where_, printable(key, 60)), names));
    }
  }

  template <class T>
  static void read(T& value, const Json& json, const std::string& where) {
    if constexpr (is_options<T>) {
      JsonReader reader(json, where);
      describe(value, reader);
      // Which fields a term has depends on its kind, which is known only after the first pass.
      describe(value, reader);
      reader.refuse_unknown();
    } else if constexpr (is_list<T>) {
      if (!json.is_array()) throw UserError(fmt::format("{} must be a list […], not {}.", where, shown(json)));
      value.clear();
      for (size_t i = 0; i < json.size(); ++i) {
        value.emplace_back();
        read(value.back(), json[i], fmt::format("{}[{}]", where, i));
      }
    } else if constexpr (std::is_same_v<T, bool>) {
      if (!json.is_boolean()) throw UserError(fmt::format("{} must be true or false, not {}.", where, shown(json)));
      value = json.get<bool>();
    } else if constexpr (std::is_same_v<T, std::string>) {
      if (!json.is_string()) throw UserError(fmt::format("{} must be text, not {}.", where, shown(json)));
      value = json.get<std::string>();
      // The system would open what is before it, and no window shows it.
      if (value.find('\0') != std::string::npos) throw UserError(fmt::format("{} holds a zero character.", where));
    } else if constexpr (std::is_same_v<T, int64_t>) {
      value = whole_number(json, where);
    } else {
      static_assert(std::is_same_v<T, double>);
      if (!json.is_number()) throw UserError(fmt::format("{} must be a number, not {}.", where, shown(json)));
      value = json.get<double>();
    }
  }

 private:
  static int64_t whole_number(const Json& json, const std::string& where) {
    if (json.is_number_unsigned() && json.get<uint64_t>() > static_cast<uint64_t>(INT64_MAX))
      throw UserError(fmt::format("{} is {}, which is too large.", where, shown(json)));
    if (json.is_number_integer()) return json.get<int64_t>();
    if (json.is_number_float()) {
      const double number = json.get<double>();
      if (std::isfinite(number) && number == std::floor(number) && std::abs(number) < 9e15)
        return static_cast<int64_t>(number);
    }
    throw UserError(fmt::format("{} must be a whole number, not {}.", where, shown(json)));
  }

  std::string place() const { return where_.empty() ? "The value" : where_; }

  const Json& json_;
  std::string where_;
  std::set<std::string> known_;
};

// ---- checking -------------------------------------------------------------------------------------------------------

class Checker {
 public:
  std::vector<OptionFault> faults;
  std::string where;

  template <class T>
  void operator()(T& value, const Field& field) {
    check(value, field, join(where, field.name));
  }

 private:
  template <class T>
  void check(T& value, const Field& field, const std::string& place) {
    if constexpr (is_options<T>) {
      Checker inner{{}, place};
      describe(value, inner);
      faults.insert(faults.end(), inner.faults.begin(), inner.faults.end());
    } else if constexpr (is_list<T>) {
      for (size_t i = 0; i < value.size(); ++i) check(value[i], field, fmt::format("{}[{}]", place, i));
    } else if constexpr (std::is_same_v<T, std::string>) {
      if (field.choices && !contains(field.choices(), value) && !(field.optional_text && value.empty()))
        faults.push_back({place, fmt::format("is \"{}\"; it must be {}", value, list_names(field.choices()))});
    } else if constexpr (!std::is_same_v<T, bool>) {
      const double number = static_cast<double>(value);
      if (!(number >= field.min && number <= field.max))  // also catches NaN
        faults.push_back({place, fmt::format("is {}; it must {}", number_text(number), bounds_text(field))});
    }
  }
};

// ---- setting one ----------------------------------------------------------------------------------------------------

/// Walks a path like "stages.DFT.terms[1].weight" down to one field and reads the text into it.
class Setter {
 public:
  Setter(std::string_view path, std::string_view text, std::string_view whole)
      : path_(path), text_(text), whole_(whole) {}
  bool done = false;
  std::string known;

  template <class T>
  void operator()(T& value, const Field& field) {
    known += (known.empty() ? "" : ", ") + std::string(field.name);
    if (done || !path_.starts_with(field.name)) return;
    const std::string_view rest = path_.substr(field.name.size());
    if (!rest.empty() && rest[0] != '.' && rest[0] != '[') return;
    set(value, rest);
    done = true;
  }

  template <class T>
  void set(T& value, std::string_view rest) {
    if constexpr (is_options<T>) {
      if (rest.empty()) return read_json(value);
      if (rest[0] != '.') throw UserError(fmt::format("--set {}: \".\" is missing before \"{}\".", whole_, rest));
      Setter inner(rest.substr(1), text_, whole_);
      describe(value, inner);
      if (!inner.done)
        throw UserError(fmt::format("--set {}: \"{}\" is not a known key; known here are {}.", whole_, rest.substr(1),
                                    inner.known));
    } else if constexpr (is_list<T>) {
      if (rest.empty()) return read_json(value);
      set_element(value, rest);
    } else {
      if (!rest.empty()) throw UserError(fmt::format("--set {}: there is nothing below \"{}\".", whole_, path_));
      read_text(value);
    }
  }

 private:
  template <class T>
  void set_element(std::vector<T>& list, std::string_view rest) {
    const bool bracket = rest[0] == '[';
    rest.remove_prefix(1);
    const size_t end = bracket ? rest.find(']') : rest.find_first_of(".[");
    if (bracket && end == std::string_view::npos) throw UserError(fmt::format("--set {}: \"]\" is missing.", whole_));
    const std::string_view key = rest.substr(0, end);
    // Elements without a name would answer to it.
    if (key.empty()) throw UserError(fmt::format("--set {}: the element's number or name is missing.", whole_));
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + (bracket ? 1 : 0));
    size_t index = 0;
    const auto [last, error] = std::from_chars(key.data(), key.data() + key.size(), index);
    if (error != std::errc{} || last != key.data() + key.size()) {
      for (index = 0; index < list.size() && element_name(list[index]) != key; ++index) {
      }
    }
    if (index >= list.size())
      throw UserError(fmt::format("--set {}: there is no element \"{}\" among {}.", whole_, key, list.size()));
    set(list[index], rest);
  }

  template <class T>
  static std::string element_name(const T& element) {
    if constexpr (std::is_same_v<T, StageOptions>)
      return element.name;
    else if constexpr (std::is_same_v<T, TermOptions>)
      return element.term;
    else if constexpr (std::is_same_v<T, std::string>)
      return element;
    else
      return {};
  }

  template <class T>
  void read_json(T& value) {
    const Json json = Json::parse(text_, nullptr, false);
    if (json.is_discarded()) throw UserError(fmt::format("--set {}: the value must be JSON here.", whole_));
    JsonReader::read(value, json, std::string(path_));
  }

  template <class T>
  void read_text(T& value) {
    if constexpr (std::is_same_v<T, std::string>) {
      value = std::string(text_);
    } else {
      const Json json = Json::parse(text_, nullptr, false);
      if (json.is_discarded()) throw UserError(fmt::format("--set {}: \"{}\" is not a number.", whole_, text_));
      JsonReader::read(value, json, std::string(path_));
    }
  }

  std::string_view path_, text_, whole_;
};

}  // namespace

template <class Options>
Json to_json(const Options& options) {
  Options copy = options;  // describe() takes its fields by reference so that one function serves reading and writing
  return JsonWriter::write(copy);
}

template <class Options>
Options options_from_json(const Json& json, const std::string& where) {
  Options options;
  JsonReader::read(options, json, where);
  return options;
}

template <class Options>
std::vector<OptionFault> check_options(const Options& options) {
  Options copy = options;
  Checker checker;
  describe(copy, checker);
  return std::move(checker.faults);
}

void set_option(Project& project, std::string_view assignment) {
  if (!is_utf8(assignment)) throw UserError(fmt::format("--set {}: this is not UTF-8.", printable(assignment)));
  const size_t equals = assignment.find('=');
  if (equals == std::string_view::npos || equals == 0)
    throw UserError(fmt::format("--set {}: write it as key=value, for example run.seed=7.", assignment));
  Setter setter(assignment.substr(0, equals), assignment.substr(equals + 1), assignment);
  describe(project, setter);
  if (!setter.done)
    throw UserError(fmt::format("--set {}: \"{}\" is not a known key; known here are {}.", assignment,
                                assignment.substr(0, equals), setter.known));
  const auto faults = check_options(project);
  if (!faults.empty()) throw UserError(fmt::format("--set {}: {} {}.", assignment, faults[0].place, faults[0].message));
}

template Json to_json(const Project&);
template Json to_json(const StageOptions&);
template Project options_from_json(const Json&, const std::string&);
template StageOptions options_from_json(const Json&, const std::string&);
template std::vector<OptionFault> check_options(const Project&);

}  // namespace llavakd
