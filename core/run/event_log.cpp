// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/event_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "core/base/errors.h"
#include "core/base/printable.h"
#include "core/io/atomic_file.h"
#include "core/run/step_line.h"

namespace llavakd {
namespace {

constexpr size_t most_warnings = 20;  // a damaged file may hold a million kinds of nonsense

/// The file from a byte on; nothing where it can't be opened. Opening a pipe would wait for a writer.
std::optional<std::ifstream> open_log(const std::filesystem::path& file, int64_t& size) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) return std::nullopt;
  std::ifstream stream(file, std::ios::binary | std::ios::ate);
  if (!stream) return std::nullopt;
  size = static_cast<int64_t>(stream.tellg());
  return stream;
}

std::string text_from(std::ifstream& stream, int64_t offset, int64_t size) {
  std::string text(static_cast<size_t>(size - offset), '\0');
  stream.seekg(offset);
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(stream.gcount()));
  return text;
}

/// Calls `use` for each whole line; gives the bytes that they take.
template <class Use>
size_t for_each_line(std::string_view text, Use use) {
  size_t begin = 0;
  for (size_t end; (end = text.find('\n', begin)) != std::string_view::npos; begin = end + 1)
    use(text.substr(begin, end - begin));
  return begin;
}

/// Whether the line is a JSON object of that step at most, whatever else it holds.
bool is_within(std::string_view line, int64_t step) {
  const nlohmann::json object = nlohmann::json::parse(line, nullptr, false);
  if (!object.is_object()) return false;
  const auto found = object.find("step");
  return found == object.end() || (found->is_number_integer() && found->get<int64_t>() <= step);
}

/// What a resume keeps of a log.
struct KeptLines {
  std::string text;
  size_t sums = 0;  ///< Checksums up to the last of them.
};

/// With `walk`, lines that aren't in it are left out, and an end of the run before the last line is kept.
KeptLines kept_lines(const std::filesystem::path& file, int64_t step, SumsWalk* walk) {
  int64_t size = 0;
  auto stream = open_log(file, size);
  if (!stream) return {};
  KeptLines kept;
  std::string ends;  // of the run, if nothing more comes
  bool reached = false, newer = false;
  for_each_line(text_from(*stream, 0, size), [&](std::string_view line) {
    if (reached) return;
    const auto place = walk ? walk->find(line) : SumsWalk::Place::next;
    if (place == SumsWalk::Place::before || place == SumsWalk::Place::unknown) return;
    try {
      const auto event = parse_event(line);
      if (!event || event->step > step) return;
      if (event->is<RunStartedEvent>() || event->is<RunResumedEvent>()) newer = false;
      if (const auto* unknown = event->as<UnknownEvent>()) newer = newer || newer_format(*unknown).has_value();
      if (!newer && (event->is<RunFinishedEvent>() || event->is<FailedEvent>())) {
        if (walk) (ends += line) += '\n';
        return;
      }
      reached = !newer && event->is<CheckpointEvent>() && event->step == step;
    } catch (const UserError&) {
      if (!newer || !is_within(line, step)) return;  // damaged, or of a later step
    }
    kept.text += std::exchange(ends, {});
    (kept.text += line) += '\n';
    if (walk) kept.sums = walk->passed();
  });
  return kept;
}

bool is_of_checkpoint(std::string_view line) {
  const nlohmann::json object = nlohmann::json::parse(line, nullptr, false);
  if (!object.is_object()) return false;
  const auto type = object.find("type");
  return type != object.end() && type->is_string() && type->get<std::string>() == CheckpointEvent::type;
}

}  // namespace

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
  if (half_line) stream_ << '\n' << std::flush;
  if (!stream_)
    throw RunError(fmt::format("{} can't be written; check the disk and the folder's permissions.", file.string()));
  sums_.emplace(file);
}

void EventLog::append(const Event& event) {
  const std::string line = to_line(event);
  stream_ << line + '\n' << std::flush;
  if (!stream_) throw RunError(fmt::format("{} can't be written any more; is the disk full?", file_.string()));
  sums_->add(line);
}

std::vector<Event> EventReader::read() {
  constexpr size_t piece = size_t{4} << 20;
  std::vector<Event> events;
  bool restarted = false, more = true;
  while (more) {
    more = read_some(piece, [&](Event& event) { events.push_back(std::move(event)); });
    restarted = restarted || restarted_;
  }
  restarted_ = restarted;
  return events;
}

bool EventReader::read_some(size_t bytes, const std::function<void(Event&)>& use) {
  restarted_ = false;
  int64_t size = 0;
  auto stream = open_log(file_, size);
  if (!stream) return false;
  if (size < offset_) start_over();
  for (auto most = static_cast<int64_t>(bytes); offset_ < size; most *= 2) {
    const int64_t end = size - offset_ > most ? offset_ + most : size;
    const std::string text = text_from(*stream, offset_, end);
    const auto used = static_cast<int64_t>(for_each_line(text, [&](std::string_view line) { read_line(line, use); }));
    offset_ += used;
    if (used > 0) return offset_ < size;
    if (end == size) break;  // a half-written line
  }
  return false;
}

void EventReader::begin_at(Position position) {
  offset_ = position.bytes;
  line_ = position.lines;
}

void EventReader::start_over() {
  offset_ = line_ = 0;
  newer_format_ = false;
  restarted_ = true;
}

void EventReader::read_line(std::string_view line, const std::function<void(Event&)>& use) {
  ++line_;
  try {
    if (read_step_line(line, step_)) {
      if (!newer_format_) use(step_);
      return;
    }
    auto event = parse_event(line);
    if (event && !is_left_out(*event)) use(*event);
  } catch (const UserError& error) {
    // "step.total must be …": once for each key
    const std::string fault = error.what();
    if (!newer_format_)
      warn_once(fault.substr(0, fault.find(' ')),
                fmt::format("{}, line {}: {} The event is left out.", file_.filename().string(), line_, fault));
  }
}

bool EventReader::is_left_out(const Event& event) {
  if (event.is<RunStartedEvent>() || event.is<RunResumedEvent>()) newer_format_ = false;
  const auto* unknown = event.as<UnknownEvent>();
  if (!unknown) return newer_format_;
  const std::string name = printable(unknown->name, 40), file = file_.filename().string();
  if (const auto format = newer_format(*unknown)) {
    newer_format_ = met_newer_format_ = true;
    warn_once("format", fmt::format("{}, line {}: what follows has the format {}, and this version knows those up to "
                                    "{}. It is left out; the version that wrote it can show it.",
                                    file, line_, *format, event_format));
  } else if (!newer_format_) {
    warn_once(name, fmt::format("{}, line {}: events of the type “{}” are left out, because this version doesn't know "
                                "them.",
                                file, line_, name));
  }
  return true;
}

void EventReader::warn_once(const std::string& of, std::string warning) {
  if (warned_of_.size() < most_warnings && warned_of_.insert(of).second) warnings_.push_back(std::move(warning));
}

std::vector<std::string> EventReader::take_warnings() {
  return std::exchange(warnings_, {});
}

std::string event_lines_up_to(const std::filesystem::path& file, int64_t step) {
  return kept_lines(file, step, nullptr).text;
}

void cut_log(const std::filesystem::path& file, int64_t step, const std::optional<LogMark>& saved) {
  KnownSums known = read_line_sums(file);
  if (!saved || !known.exist || !known.have(*saved)) {
    const std::string kept = event_lines_up_to(file, step);
    write_file_atomically(file, kept);
    write_line_sums(file, kept);
    return;
  }
  SumsWalk walk(std::move(known.sums));
  const KeptLines kept = kept_lines(file, step, &walk);
  write_file_atomically(file, kept.text);
  write_line_sums(file, walk.sums(), std::max(kept.sums, static_cast<size_t>(saved->lines)));
}

bool has_checkpoint_event(const std::filesystem::path& file) {
  int64_t size = 0;
  auto stream = open_log(file, size);
  if (!stream) return false;
  bool tells = false;
  for_each_line(text_from(*stream, 0, size), [&](std::string_view line) { tells = tells || is_of_checkpoint(line); });
  return tells;
}

}  // namespace llavakd
