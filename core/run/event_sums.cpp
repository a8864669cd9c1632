// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/event_sums.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <system_error>
#include <utility>

#include "core/base/errors.h"
#include "core/io/atomic_file.h"
#include "core/io/crc32c.h"

namespace llavakd {
namespace {

namespace fs = std::filesystem;

constexpr size_t sum_digits = 8;

uint32_t next_chain(uint32_t before, uint32_t line) {
  return crc32c(fmt::format("{:08x}{:08x}", before, line));
}

std::string text_of_sum(const LineSum& sum) {
  return fmt::format("{:08x} {:08x}\n", sum.line, sum.chain);
}

bool read_sum(std::string_view text, uint32_t& sum) {
  constexpr int hexadecimal = 16;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), sum, hexadecimal);
  return text.size() == sum_digits && error == std::errc() && end == text.data() + text.size();
}

std::optional<LineSum> sum_from_text(std::string_view text) {
  LineSum sum;
  if (text.size() != 2 * sum_digits + 1 || text[sum_digits] != ' ' || !read_sum(text.substr(0, sum_digits), sum.line) ||
      !read_sum(text.substr(sum_digits + 1), sum.chain))
    return std::nullopt;
  return sum;
}

/// Of whole lines; what follows the last of them is none.
std::vector<LineSum> sums_of(std::string_view lines) {
  std::vector<LineSum> sums;
  uint32_t chain = 0;
  for (size_t end; (end = lines.find('\n')) != lines.npos; lines.remove_prefix(end + 1)) {
    const uint32_t line = crc32c(lines.substr(0, end));
    sums.push_back({line, chain = next_chain(chain, line)});
  }
  return sums;
}

}  // namespace

std::string to_text(const LogMark& mark) {
  return fmt::format("{}.{:08x}", mark.lines, mark.chain);
}

std::optional<LogMark> log_mark_from_text(std::string_view text) {
  LogMark mark;
  const size_t dot = std::min(text.find('.'), text.size());
  const auto [end, error] = std::from_chars(text.data(), text.data() + dot, mark.lines);
  if (error != std::errc() || end != text.data() + dot || mark.lines < 0 || dot == text.size() ||
      !read_sum(text.substr(dot + 1), mark.chain))
    return std::nullopt;
  return mark;
}

fs::path sums_file(const fs::path& log) {
  return fs::path(log).replace_extension(".sums");
}

bool KnownSums::have(const LogMark& mark) const {
  if (mark.lines == 0) return true;
  return static_cast<size_t>(mark.lines) <= sums.size() &&
         sums[static_cast<size_t>(mark.lines) - 1].chain == mark.chain;
}

KnownSums read_line_sums(const fs::path& log) {
  KnownSums known;
  std::error_code error;
  if (!fs::is_regular_file(sums_file(log), error)) return known;
  std::ifstream stream(sums_file(log), std::ios::binary);
  known.exist = true;
  uint32_t chain = 0;
  for (std::string text; std::getline(stream, text) && !stream.eof();) {
    const auto sum = sum_from_text(text);
    known.whole = sum && sum->chain == next_chain(chain, sum->line);
    if (!known.whole) break;
    chain = sum->chain;
    known.sums.push_back(*sum);
  }
  if (!stream.is_open() || stream.bad())
    throw UserError(fmt::format("{} can't be read to its end.", sums_file(log).string()));
  return known;
}

LineSums::LineSums(const fs::path& log) : file_(sums_file(log)) {
  KnownSums known = read_line_sums(log);
  std::error_code error;
  if (!known.exist && fs::exists(log, error)) {
    std::ifstream stream(log, std::ios::binary);
    write_line_sums(log, std::string(std::istreambuf_iterator<char>(stream), {}));
    known = read_line_sums(log);
  } else if (known.exist) {
    write_line_sums(log, known.sums, known.sums.size());  // without a half-written line
  }
  mark_ = known.mark();
  stream_.open(file_, std::ios::binary | std::ios::app);
  if (!stream_)
    throw RunError(fmt::format("{} can't be written; check the disk and the folder's permissions.", file_.string()));
}

void LineSums::add(std::string_view line) {
  const uint32_t sum = crc32c(line);
  mark_ = {mark_.lines + 1, next_chain(mark_.chain, sum)};
  stream_ << text_of_sum({sum, mark_.chain}) << std::flush;
  if (!stream_) throw RunError(fmt::format("{} can't be written any more; is the disk full?", file_.string()));
}

SumsWalk::Place SumsWalk::find(std::string_view line) {
  const uint32_t sum = crc32c(line);
  if (passed_ < sums_.size() && sums_[passed_].line == sum) {
    ++passed_;
    return Place::next;
  }
  if (places_.empty())
    for (size_t i = 0; i < sums_.size(); ++i) places_.emplace(sums_[i].line, i);
  const auto [begin, end] = places_.equal_range(sum);
  if (begin == end) return Place::unknown;
  size_t nearest = sums_.size();
  for (auto place = begin; place != end; ++place)
    if (place->second > passed_) nearest = std::min(nearest, place->second);
  if (nearest == sums_.size()) return Place::before;
  passed_ = nearest + 1;
  return Place::later;
}

void write_line_sums(const fs::path& log, const std::vector<LineSum>& sums, size_t count) {
  std::string text;
  for (size_t i = 0; i < std::min(count, sums.size()); ++i) text += text_of_sum(sums[i]);
  write_file_atomically(sums_file(log), text);
}

void write_line_sums(const fs::path& log, std::string_view lines) {
  const std::vector<LineSum> sums = sums_of(lines);
  write_line_sums(log, sums, sums.size());
}

}  // namespace llavakd
