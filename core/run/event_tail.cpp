// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/event_tail.h"

#include <algorithm>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/errors.h"

namespace llavakd {
namespace {

constexpr int64_t longest_tail = int64_t{4} << 20;

/// Bytes of the file from an offset on; nothing of what is no ordinary file, such as a pipe, which would wait.
std::string bytes_at(const std::filesystem::path& file, int64_t offset, int64_t count) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) return {};
  std::ifstream stream(file, std::ios::binary);
  std::string text(static_cast<size_t>(count), '\0');
  stream.seekg(offset);
  stream.read(text.data(), count);
  text.resize(static_cast<size_t>(std::max<std::streamsize>(stream.gcount(), 0)));
  return text;
}

std::optional<Event> event_or_none(std::string_view line) {
  try {
    return parse_event(line);
  } catch (const UserError&) {
    return std::nullopt;
  }
}

/// The events of whole lines; those that follow the announcement of a newer format are left out.
std::vector<Event> known_events(std::string_view text) {
  std::vector<Event> events;
  bool newer = false;
  for (size_t end; (end = text.find('\n')) != std::string_view::npos; text.remove_prefix(end + 1)) {
    auto event = event_or_none(text.substr(0, end));
    if (!event) continue;
    if (event->is<RunStartedEvent>() || event->is<RunResumedEvent>()) newer = false;
    if (const auto* unknown = event->as<UnknownEvent>()) {
      if (newer_format(*unknown)) newer = true, events.clear();
      continue;
    }
    if (!newer) events.push_back(std::move(*event));
  }
  return events;
}

}  // namespace

std::optional<Event> first_event(const std::filesystem::path& file) {
  constexpr int64_t longest_line = int64_t{1} << 16;
  const std::string text = bytes_at(file, 0, longest_line);
  const size_t end = text.find('\n');
  if (end == std::string::npos) return std::nullopt;
  auto event = event_or_none(std::string_view(text).substr(0, end));
  if (event && event->is<UnknownEvent>()) return std::nullopt;
  return event;
}

std::vector<Event> newest_events(const std::filesystem::path& file, int64_t bytes) {
  std::error_code error;
  const auto whole = std::filesystem::file_size(file, error);
  if (error) return {};
  const auto size = static_cast<int64_t>(std::min<std::uintmax_t>(whole, INT64_MAX));
  bytes = std::max<int64_t>(bytes, 1);
  for (;; bytes *= 4) {
    const int64_t count = std::min(size, std::min(bytes, longest_tail));
    const std::string text = bytes_at(file, size - count, count);
    std::string_view lines = text;
    if (count < size) lines.remove_prefix(std::min(lines.size(), lines.find('\n') + 1));  // begins within a line
    std::vector<Event> events = known_events(lines);
    const bool has_step = std::ranges::any_of(events, [](const Event& event) { return event.is<StepEvent>(); });
    if (has_step || count == size || count == longest_tail) return events;
  }
}

}  // namespace llavakd
