// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/redaction.h"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;

/// Of a word; bytes of other scripts count as letters.
bool is_word_character(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// Whether `text` at `place` begins with the whole word or path and not with a longer one.
bool stands_alone(std::string_view text, size_t place, size_t length) {
  const size_t end = place + length;
  return (place == 0 || !is_word_character(text[place - 1])) && (end >= text.size() || !is_word_character(text[end]));
}

/// The same of a path, whose name may go on with more than letters: "/home/me.old" isn't in /home/me.
bool is_whole_path(std::string_view text, size_t place, size_t length) {
  const size_t end = place + length;
  if (!stands_alone(text, place, length) || (place > 0 && text[place - 1] == '.')) return false;
  if (end >= text.size() || (text[end] != '-' && text[end] != '.')) return true;
  // A full stop may also end a sentence.
  return end + 1 >= text.size() || !is_word_character(text[end + 1]);
}

template <class Whole>
std::string replace_all(std::string_view text, const std::string& what, const std::string& instead, Whole is_whole) {
  std::string result;
  size_t from = 0;
  for (size_t place = text.find(what); place != std::string_view::npos; place = text.find(what, place + 1)) {
    if (place < from || !is_whole(text, place, what.size())) continue;
    result.append(text.substr(from, place - from)).append(instead);
    from = place + what.size();
  }
  result.append(text.substr(from));
  return result;
}

constexpr std::string_view ends_of_path = " \t\n\r\"'<>|,;:()[]{}*?\\`";

/// Whether a slash there begins a path, and isn't "and/or", "</s>" or a part of a web address.
bool begins_path(std::string_view text, size_t place) {
  if (place + 1 >= text.size() || !(is_word_character(text[place + 1]) || text[place + 1] == '.')) return false;
  if (place == 0) return true;
  const char before = text[place - 1];
  return !is_word_character(before) && std::string_view(".~<>)]}/:-").find(before) == std::string_view::npos;
}

std::string host_of_this_machine() {
  std::array<char, 256> name{};
  gethostname(name.data(), name.size() - 1);
  return name.data();
}

}  // namespace

Redaction Redaction::of_this_user() {
  Redaction redaction;
  const char* home = std::getenv("HOME");
  if (home) redaction.hide_path(home, "/redacted/home");
  for (const char* variable : {"USER", "LOGNAME"})
    if (const char* name = std::getenv(variable)) redaction.hide_name(name, "USER");
  if (const passwd* account = getpwuid(getuid())) {
    redaction.hide_path(account->pw_dir, "/redacted/home");
    redaction.hide_name(account->pw_name, "USER");
    const std::string person = account->pw_gecos ? account->pw_gecos : "";
    redaction.hide_name(person.substr(0, person.find(',')), "PERSON");
  }
  const std::string host = host_of_this_machine();
  redaction.hide_name(host, "HOST");
  redaction.hide_name(host.substr(0, host.find('.')), "HOST");
  return redaction;
}

void Redaction::hide_name(const std::string& name, const std::string& instead) {
  if (name.size() < 3 || name == "root" || name == "localhost") return;
  const auto same = [&](const auto& known) {
    return known.first == name;
  };
  if (std::ranges::none_of(names_, same)) names_.emplace_back(name, instead);
}

void Redaction::hide_path(const std::filesystem::path& path, const std::string& instead) {
  std::string whole = path.lexically_normal().string();
  while (whole.size() > 1 && whole.back() == '/') whole.pop_back();
  if (whole.size() < 2 || whole.front() != '/') return;
  for (const std::string_view homes : {"/home/", "/Users/"})
    if (whole.starts_with(homes)) {
      const size_t end = std::min(whole.find('/', homes.size()), whole.size());
      hide_name(whole.substr(homes.size(), end - homes.size()), "USER");
    }
  if (std::ranges::any_of(paths_, [&](const auto& known) { return known.first == whole; })) return;
  const auto place = std::ranges::find_if(paths_, [&](const auto& known) { return known.first.size() < whole.size(); });
  paths_.emplace(place, std::move(whole), instead);
}

std::string Redaction::text(std::string_view original) {
  // Most lines of a log hold numbers alone.
  const bool has_path = original.find('/') != std::string_view::npos;
  const bool has_name = std::ranges::any_of(
      names_, [&](const auto& name) { return original.find(name.first) != std::string_view::npos; });
  if (!has_path && !has_name) return std::string(original);
  return replace_names(has_path ? replace_other_paths(replace_known_paths(original)) : std::string(original));
}

std::string Redaction::replace_known_paths(std::string_view original) const {
  std::string result(original);
  for (const auto& [path, instead] : paths_) result = replace_all(result, path, instead, is_whole_path);
  return result;
}

/// The same path becomes the same number wherever it is.
std::string Redaction::replace_other_paths(std::string_view original) {
  constexpr std::string_view redacted = "/redacted/";
  std::string result;
  size_t from = 0;
  for (size_t place = original.find('/'); place != std::string_view::npos; place = original.find('/', place + 1)) {
    if (place < from || !begins_path(original, place)) continue;
    std::string_view path = original.substr(place, original.find_first_of(ends_of_path, place) - place);
    while (path.size() > 1 && (path.back() == '.' || path.back() == '/')) path.remove_suffix(1);
    result.append(original.substr(from, place - from));
    from = place + path.size();
    if (path.starts_with(redacted) || path.find('/', 1) == std::string_view::npos) {
      result.append(path);
      continue;
    }
    const auto known = others_.try_emplace(std::string(path), fmt::format("{}path-{}", redacted, others_.size() + 1));
    result.append(known.first->second);
  }
  result.append(original.substr(from));
  return result;
}

std::string Redaction::replace_names(std::string_view original) const {
  std::string result(original);
  for (const auto& [name, instead] : names_) result = replace_all(result, name, instead, stands_alone);
  return result;
}

Json Redaction::json(const Json& original) {
  if (original.is_string()) return text(original.get_ref<const std::string&>());
  if (original.is_array()) {
    Json list = Json::array();
    for (const Json& element : original) list.push_back(json(element));
    return list;
  }
  if (!original.is_object()) return original;
  Json object = Json::object();
  for (const auto& [key, value] : original.items()) {
    const bool is_path = key.find_first_of("/.") != std::string::npos;
    // Setting by key walks over those before, and a run may have read thousands of files.
    object.get_ref<Json::object_t&>().emplace_back(is_path ? text(key) : key, json(value));
  }
  return object;
}

std::optional<std::string> Redaction::path_found_in(std::string_view bytes) const {
  for (const auto& [path, instead] : paths_)
    for (size_t place = bytes.find(path); place != std::string_view::npos; place = bytes.find(path, place + 1))
      if (is_whole_path(bytes, place, path.size())) return path;
  return std::nullopt;
}

std::optional<std::string> Redaction::found_in(std::string_view bytes) const {
  if (auto path = path_found_in(bytes)) return path;
  for (const auto& [name, instead] : names_)
    for (size_t place = bytes.find(name); place != std::string_view::npos; place = bytes.find(name, place + 1))
      if (stands_alone(bytes, place, name.size())) return name;
  return std::nullopt;
}

}  // namespace llavakd
