// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/compared_log.h"

#include <fmt/format.h>

#include <fstream>
#include <system_error>
#include <utility>

#include "core/base/errors.h"

namespace llavakd {
namespace {

namespace fs = std::filesystem;

constexpr const char* was_changed = "isn't what was written";
constexpr const char* is_foreign = "isn't the run's: another program or an earlier version wrote it";
constexpr const char* is_out_of_order = "is there twice, or out of order";

/// Faults of lines that follow each other are one sentence.
class LogFaults {
 public:
  explicit LogFaults(std::string file) : file_(std::move(file)) {}

  void add_line(const char* what, int64_t line) {
    if (what == what_ && line == last_ + 1) {
      last_ = line;
      return;
    }
    end_lines();
    what_ = what;
    first_ = last_ = line;
  }
  void add(std::string fault) {
    end_lines();
    faults_.push_back(std::move(fault));
  }
  std::vector<std::string> take() {
    constexpr size_t most = 20;
    end_lines();
    if (faults_.size() > most) {
      const size_t more = faults_.size() - most;
      faults_.resize(most);
      faults_.push_back(fmt::format("{} has {} more faults.", file_, more));
    }
    return std::move(faults_);
  }

 private:
  void end_lines() {
    const char* what = std::exchange(what_, nullptr);
    if (!what) return;
    faults_.push_back(first_ == last_ ? fmt::format("{}, line {}, {}.", file_, first_, what)
                                      : fmt::format("{}, each of the lines {} to {} {}.", file_, first_, last_, what));
  }

  std::string file_;
  const char* what_ = nullptr;
  int64_t first_ = 0, last_ = 0;
  std::vector<std::string> faults_;
};

/// Goes through the log, and says of each stretch that isn't as it was written why.
class LogComparison {
 public:
  LogComparison(std::string file, std::vector<LineSum> sums) : file_(file), walk_(std::move(sums)), faults_(file) {}

  void add(std::string_view line) {
    const size_t before = walk_.passed();
    ++lines_;
    switch (walk_.find(line)) {
      case SumsWalk::Place::next:
        end_unknown(0);
        break;
      case SumsWalk::Place::later:
        end_unknown(walk_.passed() - 1 - before);
        break;
      case SumsWalk::Place::before:
        end_unknown(0);
        faults_.add_line(is_out_of_order, lines_);
        break;
      case SumsWalk::Place::unknown:
        if (unknown_++ == 0) first_unknown_ = lines_;
        break;
    }
  }

  std::vector<std::string> finish() {
    const size_t left = walk_.size() - walk_.passed();
    if (left == 0 && unknown_ == 1) unknown_ = 0;  // a run that was killed between a line and its checksum
    if (unknown_ < left && walk_.passed() == 0 && lines_ == 0)
      faults_.add(fmt::format("{} is gone or empty: it had {} lines.", file_, left));
    else
      end_unknown(left, true);
    return faults_.take();
  }

 private:
  /// What is known of the unknown lines once it is known how many are missing there.
  void end_unknown(size_t missing, bool at_end = false) {
    for (size_t i = 0; i < unknown_; ++i)
      faults_.add_line(i < missing ? was_changed : is_foreign, first_unknown_ + static_cast<int64_t>(i));
    if (missing > unknown_) {
      const size_t lost = missing - unknown_;
      const std::string count = lost == 1 ? "a line" : fmt::format("{} lines", lost);
      faults_.add(at_end ? fmt::format("{} lacks {} at its end.", file_, count)
                         : fmt::format("{} lacks {} before line {}.", file_, count, lines_));
    }
    unknown_ = 0;
  }

  std::string file_;
  SumsWalk walk_;
  LogFaults faults_;
  int64_t lines_ = 0, first_unknown_ = 0;
  size_t unknown_ = 0;
};

}  // namespace

ComparedLog compare_log(const fs::path& log, const std::optional<LogMark>& saved) {
  KnownSums known = read_line_sums(log);
  const std::string file = log.filename().string(), sums = sums_file(log).filename().string();
  std::vector<std::string> first;
  if (!known.exist && saved)
    first.push_back(fmt::format("{} is gone, so what {} has lost can't be told.", sums, file));
  else if (!known.whole)
    first.push_back(fmt::format("{} is damaged in line {}.", sums, known.sums.size() + 1));
  else if (saved && !known.have(*saved))
    first.push_back(
        fmt::format("{} isn't that of this run, or lacks its end: the log had {} lines.", sums, saved->lines));
  const bool comparable = known.exist && known.whole;
  LogComparison comparison(file, std::move(known.sums));
  std::error_code error;
  int64_t lines = 0;
  if (fs::is_regular_file(log, error)) {
    std::ifstream stream(log, std::ios::binary);
    for (std::string line; std::getline(stream, line) && !stream.eof(); ++lines)
      if (comparable) comparison.add(line);
    if (!stream.is_open() || stream.bad()) throw UserError(fmt::format("{} can't be read to its end.", log.string()));
  }
  ComparedLog compared{.lines = lines, .has_sums = known.exist, .faults = std::move(first)};
  if (!comparable) return compared;
  for (std::string& fault : comparison.finish()) compared.faults.push_back(std::move(fault));
  return compared;
}

}  // namespace llavakd
