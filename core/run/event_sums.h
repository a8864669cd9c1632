// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// events.sums, next to events.jsonl: for each line of the log one with two checksums, so that lines which are lost,
// changed, or put there by somebody else can be told.
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace llavakd {

/// How long a log was at some time: what a checkpoint and the end of a run remember of it.
struct LogMark {
  int64_t lines = 0;
  uint32_t chain = 0;  ///< LineSum::chain of the last one.
  bool operator==(const LogMark&) const = default;
};

/// "57.deadbeef", and back; nothing where it is no mark.
std::string to_text(const LogMark& mark);
std::optional<LogMark> log_mark_from_text(std::string_view text);

/// Checksums of a line of a log. They find damage, not intent.
struct LineSum {
  uint32_t line = 0;   ///< CRC-32C of its bytes.
  uint32_t chain = 0;  ///< Of the chain of the line before, and `line`.
};

/// Where the checksums of a log are.
std::filesystem::path sums_file(const std::filesystem::path& log);

/// What events.sums says, up to the first line that can't be true.
struct KnownSums {
  std::vector<LineSum> sums = {};
  bool exist = false;
  bool whole = true;

  LogMark mark() const {
    return sums.empty() ? LogMark{} : LogMark{static_cast<int64_t>(sums.size()), sums.back().chain};
  }
  /// Whether the log was once as long as that.
  bool have(const LogMark& mark) const;
};
KnownSums read_line_sums(const std::filesystem::path& log);

/// Adds a checksum for each line that is added to a log.
class LineSums {
 public:
  /// Goes on with those that are there; of a log of an earlier version, those of its lines are written first. Throws
  /// RunError where the file can't be written.
  explicit LineSums(const std::filesystem::path& log);
  void add(std::string_view line);
  const LogMark& mark() const { return mark_; }

 private:
  std::filesystem::path file_;
  std::ofstream stream_;
  LogMark mark_;
};

/// Finds the lines of a log, one after the other, among its checksums.
class SumsWalk {
 public:
  explicit SumsWalk(std::vector<LineSum> sums) : sums_(std::move(sums)) {}

  enum class Place { next, later, before, unknown };
  /// `later`: lines between are missing. `before`: it was there already. Goes on behind the line where it is one of the
  /// first two.
  Place find(std::string_view line);
  /// Lines that have been gone past, missing ones too.
  size_t passed() const { return passed_; }
  size_t size() const { return sums_.size(); }
  const std::vector<LineSum>& sums() const { return sums_; }

 private:
  std::vector<LineSum> sums_;
  std::unordered_multimap<uint32_t, size_t> places_;  ///< Made once a line isn't where it should be.
  size_t passed_ = 0;
};

/// Writes the first `count` of the checksums, which are those of a log that has been cut.
void write_line_sums(const std::filesystem::path& log, const std::vector<LineSum>& sums, size_t count);
/// Writes those of these lines, whatever was there before.
void write_line_sums(const std::filesystem::path& log, std::string_view lines);

}  // namespace llavakd
