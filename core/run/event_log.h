// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/run/event_sums.h"
#include "core/run/events.h"

namespace llavakd {

/// Appends events to a file, each line whole and with its checksums (event_sums.h); starts on a fresh line after a
/// half-written one. Throws UserError for what is no ordinary file.
class EventLog {
 public:
  explicit EventLog(const std::filesystem::path& file);
  void append(const Event& event);
  /// How long the log is.
  const LogMark& mark() const { return sums_->mark(); }

 private:
  std::filesystem::path file_;
  std::ofstream stream_;
  std::optional<LineSums> sums_;  ///< Set by the constructor.
};

/// Reads a growing events.jsonl. What this version doesn't know or can't read is left out, with a warning.
class EventReader {
 public:
  explicit EventReader(std::filesystem::path file) : file_(std::move(file)) {}

  /// The events that were completed since the last call. A file that became shorter is read from its start again, which
  /// restarted() reports. What is no ordinary file has no events.
  std::vector<Event> read();
  bool restarted() const { return restarted_; }

  /// The same of the next `bytes` of the file, or of one line if it is longer: for logs of a million steps. `use` may
  /// move the event away. Gives whether there is more.
  bool read_some(size_t bytes, const std::function<void(Event&)>& use);

  /// What is before the next line.
  struct Position {
    int64_t bytes = 0, lines = 0;
  };
  Position position() const { return {offset_, line_}; }
  /// Goes on from there.
  void begin_at(Position position);

  /// Whether anything was left out because a newer version wrote it in a format of its own.
  bool met_newer_format() const { return met_newer_format_; }

  /// What was left out since the last call, in sentences for people: each kind of event and each damaged key once.
  std::vector<std::string> take_warnings();
  /// Whether there ever was something to warn of.
  bool left_something_out() const { return !warned_of_.empty(); }

 private:
  void start_over();
  void read_line(std::string_view line, const std::function<void(Event&)>& use);
  bool is_left_out(const Event& event);
  void warn_once(const std::string& of, std::string warning);

  std::filesystem::path file_;
  int64_t offset_ = 0;
  int64_t line_ = 0;  ///< Number of the newest line.
  Event step_;        ///< Kept for its memory.
  bool restarted_ = false;
  bool newer_format_ = false;  ///< What comes, until a process of a known format goes on with the run.
  bool met_newer_format_ = false;
  std::set<std::string> warned_of_;
  std::vector<std::string> warnings_;
};

/// The lines of a log as they are, up to the checkpoint of that step: what came later will be done again. Events that
/// this version doesn't know are kept, and those of a newer format by their step alone.
std::string event_lines_up_to(const std::filesystem::path& file, int64_t step);

/// Cuts a log and its checksums back to the checkpoint of that step, which remembers `saved` of the log. Lines that
/// aren't what was written are taken out; that they were there stays in the checksums.
void cut_log(const std::filesystem::path& file, int64_t step, const std::optional<LogMark>& saved);

/// Whether any line of a log, of any format and whatever else it holds, tells of a checkpoint.
bool has_checkpoint_event(const std::filesystem::path& file);

}  // namespace llavakd
