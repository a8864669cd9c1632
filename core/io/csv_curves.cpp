// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <initializer_list>
#include <optional>
#include <utility>

#include "core/base/errors.h"
#include "core/base/printable.h"
#include "core/io/mapped_file.h"
#include "core/io/scalar_curves.h"

namespace llavakd {
namespace {

constexpr size_t longest_cell = 200;  // that a message or a name shows

/// The cells of a text, line by line (RFC 4180).
class CsvLines {
 public:
  CsvLines(std::string_view text, char separator) : rest_(text), separator_(separator) {}

  /// The next line that isn't empty; false at the end. `file` begins messages.
  bool next(std::vector<std::string>& cells, const std::string& file) {
    do {
      if (rest_.empty()) return false;
      ++line_;
      cells.clear();
      while (take_cell(cells, file)) continue;
    } while (cells.size() == 1 && cells[0].empty());
    return true;
  }
  int64_t line() const { return line_; }

 private:
  /// Whether another cell of the line follows.
  bool take_cell(std::vector<std::string>& cells, const std::string& file) {
    constexpr size_t most_cells = 10'000;
    if (cells.size() >= most_cells) throw UserError(fmt::format("{}, line {}: too many columns.", file, line_));
    std::string& cell = cells.emplace_back();
    if (rest_.starts_with('"')) take_quoted(cell, file);
    const char ends[] = {separator_, '\n'};
    const size_t end = std::min(rest_.find_first_of(std::string_view(ends, 2)), rest_.size());
    cell += rest_.substr(0, end);
    if (cell.ends_with('\r')) cell.pop_back();
    const bool more = end < rest_.size() && rest_[end] == separator_;
    rest_.remove_prefix(std::min(rest_.size(), end + 1));
    return more;
  }

  void take_quoted(std::string& cell, const std::string& file) {
    const int64_t begins_at = line_;
    for (rest_.remove_prefix(1);;) {
      const size_t quote = rest_.find('"');
      if (quote == std::string_view::npos)
        throw UserError(fmt::format("{}, line {}: a quotation mark isn't closed.", file, begins_at));
      cell += rest_.substr(0, quote);
      line_ += std::ranges::count(rest_.substr(0, quote), '\n');
      rest_.remove_prefix(quote + 1);
      if (!rest_.starts_with('"')) return;
      cell += '"';
      rest_.remove_prefix(1);
    }
  }

  std::string_view rest_;
  char separator_;
  int64_t line_ = 0;
};

/// The one that the heading has most of.
char separator_of(std::string_view text) {
  const std::string_view heading = text.substr(0, text.find('\n'));
  char best = ',';
  for (const char each : {',', ';', '\t'})
    if (std::ranges::count(heading, each) > std::ranges::count(heading, best)) best = each;
  return best;
}

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

/// The first column of one of these names; -1 where there is none.
int column_of(const std::vector<std::string>& heading, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names)
    for (size_t i = 0; i < heading.size(); ++i)
      if (lower(heading[i]) == name) return static_cast<int>(i);
  return -1;
}

/// A number; in files with semicolons the comma is the decimal sign.
std::optional<double> number_in(std::string cell, char separator) {
  while (!cell.empty() && cell.back() == ' ') cell.pop_back();
  cell.erase(0, std::min(cell.find_first_not_of(" +"), cell.size()));
  if (separator == ';' && cell.find('.') == std::string::npos) std::ranges::replace(cell, ',', '.');
  double number = 0;
  const auto [stop, error] = std::from_chars(cell.data(), cell.data() + cell.size(), number);
  if (error != std::errc() || stop != cell.data() + cell.size()) return std::nullopt;
  return number;
}

std::optional<int64_t> step_in(const std::string& cell, char separator) {
  constexpr double most = 9007199254740992;  // 2^53
  const auto number = number_in(cell, separator);
  if (!number || !(std::abs(*number) <= most) || *number != std::trunc(*number)) return std::nullopt;
  return static_cast<int64_t>(*number);
}

/// A file's columns as curves.
class CsvImport {
 public:
  CsvImport(std::string file, std::string stem, std::vector<std::string> heading, char separator)
      : file_(std::move(file)), heading_(std::move(heading)), separator_(separator) {
    step_ = column_of(heading_, {"step", "global_step", "iteration", "iter"});
    time_ = column_of(heading_, {"wall time", "_timestamp", "timestamp"});
    if (step_ < 0)
      throw UserError(fmt::format("{}, line 1: no column is called step, global_step or iteration.", file_));
    // As TensorBoard's own download is written.
    if (heading_.size() == 3 && time_ >= 0 && column_of(heading_, {"value"}) >= 0)
      heading_[static_cast<size_t>(column_of(heading_, {"value"}))] = std::move(stem);
    kinds_.resize(heading_.size(), Kind::unknown);
  }

  void take(const std::vector<std::string>& cells, int64_t line) {
    if (cells.size() > heading_.size())
      throw UserError(
          fmt::format("{}, line {}: it has {} cells, the heading {}.", file_, line, cells.size(), heading_.size()));
    const auto step_column = static_cast<size_t>(step_);
    if (step_column >= cells.size() || cells[step_column].empty()) return;
    const auto step = step_in(cells[step_column], separator_);
    if (!step) refuse(cells[step_column], line, step_column, "a whole number");
    double time = 0;
    if (time_ >= 0 && static_cast<size_t>(time_) < cells.size())
      time = number_in(cells[static_cast<size_t>(time_)], separator_).value_or(0);
    if (!std::isfinite(time)) time = 0;
    for (size_t i = 0; i < cells.size(); ++i)
      if (static_cast<int>(i) != step_ && static_cast<int>(i) != time_ && !cells[i].empty())
        take_cell(cells[i], line, i, {*step, time, 0});
  }

  ScalarCurves finish() {
    for (size_t i = 0; i < kinds_.size(); ++i)
      if (kinds_[i] == Kind::text)
        result_.warnings.push_back(
            fmt::format("{}: the column {} holds texts; it is left out.", file_, printable(heading_[i], longest_cell)));
    if (result_.curves.empty()) throw UserError(fmt::format("{} holds no numbers besides steps.", file_));
    return std::move(result_);
  }

 private:
  enum class Kind { unknown, number, text };

  void take_cell(const std::string& cell, int64_t line, size_t column, CurvePoint point) {
    if (kinds_[column] == Kind::text) return;
    const auto number = number_in(cell, separator_);
    if (!number && kinds_[column] == Kind::unknown) {
      kinds_[column] = Kind::text;
      return;
    }
    if (!number) refuse(cell, line, column, "a number");
    kinds_[column] = Kind::number;
    if (++points_ > most_curve_points)
      throw UserError(fmt::format("There are more than {} numbers; import a part of them.", most_curve_points));
    point.value = *number;
    const std::string name = printable(heading_[column], longest_cell);
    result_.curves[name.empty() ? fmt::format("column {}", column + 1) : name].push_back(point);
    if (result_.curves.size() > most_curves)
      throw UserError(fmt::format("There are more than {} curves; import a part of them.", most_curves));
  }

  [[noreturn]] void refuse(const std::string& cell, int64_t line, size_t column, const char* wanted) const {
    throw UserError(fmt::format("{}, line {}, column {}: \"{}\" is not {}.", file_, line,
                                printable(heading_[column], longest_cell), printable(cell, longest_cell), wanted));
  }

  std::string file_;
  std::vector<std::string> heading_;
  char separator_;
  int step_ = -1, time_ = -1;
  std::vector<Kind> kinds_;
  ScalarCurves result_;
  size_t points_ = 0;
};

}  // namespace

ScalarCurves read_csv_curves(const std::filesystem::path& file) {
  const auto mapped = MappedFile::open(file);
  std::string_view text = mapped->text();
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  const std::string name = printable(file.string());
  const char separator = separator_of(text);
  CsvLines lines(text, separator);
  std::vector<std::string> cells;
  if (!lines.next(cells, name)) throw UserError(fmt::format("{} is empty.", name));
  CsvImport columns(name, file.stem().string(), cells, separator);
  while (lines.next(cells, name)) columns.take(cells, lines.line());
  return columns.finish();
}

}  // namespace llavakd
