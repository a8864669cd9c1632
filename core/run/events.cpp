// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/events.h"

#include <fmt/format.h>

#include <chrono>

#include "core/base/errors.h"
#include "core/io/json_file.h"

namespace llavakd {

using Json = nlohmann::ordered_json;

std::string to_line(const Event& event) {
  Json json;
  json["type"] = event.type;
  json["time"] = event.time;
  json["stage"] = event.stage;
  json["stage_step"] = event.stage_step;
  json["step"] = event.step;
  for (const auto& [key, value] : event.fields.items()) json[key] = value;
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

namespace {

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

std::optional<Event> parse_event(std::string_view line) {
  Json json = parse_line(line);
  if (!json.is_object() || !json.contains("type") || !json["type"].is_string()) return std::nullopt;
  Event event;
  const auto take = [&](const char* key, auto& into, bool right_type) {
    if (json.contains(key) && right_type) into = json[key].get<std::decay_t<decltype(into)>>();
    json.erase(key);
  };
  const auto at = [&](const char* key) {
    return json.contains(key) ? json[key] : Json();
  };
  take("type", event.type, true);
  take("time", event.time, at("time").is_number());
  take("stage", event.stage, at("stage").is_string());
  take("stage_step", event.stage_step, at("stage_step").is_number_integer());
  take("step", event.step, at("step").is_number_integer());
  event.fields = std::move(json);
  return event;
}

double now() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

EventLog::EventLog(const std::filesystem::path& file) : file_(file) {
  bool half_line = false;
  // A folder can't be written, and a pipe would wait for a reader.
  std::error_code error;
  if (std::filesystem::exists(file, error) && !std::filesystem::is_regular_file(file, error))
    throw UserError(fmt::format("{} is not an ordinary file; move it away.", file.string()));
  if (std::ifstream old(file, std::ios::binary | std::ios::ate); old && old.tellg() > 0) {
    old.seekg(-1, std::ios::end);
    half_line = old.get() != '\n';
  }
  stream_.open(file, std::ios::binary | std::ios::app);
  if (half_line) stream_ << '\n';
  if (!stream_)
    throw RunError(fmt::format("{} can't be written; check the disk and the folder's permissions.", file.string()));
}

void EventLog::append(const Event& event) {
  stream_ << to_line(event) + '\n' << std::flush;
  if (!stream_) throw RunError(fmt::format("{} can't be written any more; is the disk full?", file_.string()));
}

std::vector<Event> EventReader::read() {
  std::vector<Event> events;
  restarted_ = false;
  std::error_code error;
  if (!std::filesystem::is_regular_file(file_, error)) return events;  // opening a pipe would wait for a writer
  std::ifstream stream(file_, std::ios::binary | std::ios::ate);
  if (!stream) return events;
  const auto size = static_cast<int64_t>(stream.tellg());
  if (size < offset_) {
    offset_ = 0;
    restarted_ = true;
  }
  if (size == offset_) return events;
  std::string text(static_cast<size_t>(size - offset_), '\0');
  stream.seekg(offset_);
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(stream.gcount()));
  size_t begin = 0;
  for (size_t end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1)
    if (auto event = parse_event(std::string_view(text).substr(begin, end - begin)))
      events.push_back(std::move(*event));
  offset_ += static_cast<int64_t>(begin);
  return events;
}

}  // namespace llavakd
