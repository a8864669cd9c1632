// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/step_line.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <system_error>

namespace llavakd {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Goes through a line from its start to its end. What isn't as expected makes it fail, for good.
class LineReader {
 public:
  explicit LineReader(std::string_view line) : rest_(line) {}

  bool failed() const { return failed_; }
  bool at_end() const { return !failed_ && rest_.empty(); }

  void expect(std::string_view text) { failed_ = failed_ || !skip(text); }

  void read(double& value) {
    if (skip("null")) {
      value = NAN;
      return;
    }
    const size_t length = number_length();
    if (rest_.substr(0, length) == "-0") failed_ = true;  // as JSON it is the whole number 0
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + length, value);
    take(length, error, end);
  }

  /// Whole numbers that a number with a fraction stands for are left to the other parser.
  void read(int64_t& value) {
    const size_t length = number_length();
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + length, value);
    take(length, error, end);
  }

  void read(std::string& text) {
    if (const auto found = quoted()) text.assign(*found);
  }

  void read(NamedNumbers& numbers) {
    constexpr size_t most = 32;  // each name is compared with all before it
    expect("{");
    size_t count = 0;
    while (!failed_ && !skip("}")) {
      if (count > 0) expect(",");
      const auto name = quoted();
      expect(":");
      if (failed_ || count == most || is_among(*name, numbers, count)) {
        failed_ = true;
        return;
      }
      if (count == numbers.size()) numbers.emplace_back();
      if (numbers[count].first != *name) numbers[count].first.assign(*name);
      read(numbers[count].second);
      ++count;
    }
    numbers.resize(count);
  }

  // As the fields of StepEvent call it.
  template <class T>
  void operator()(std::string_view key, T& value) {
    expect(",\"");
    expect(key);
    expect("\":");
    if (!failed_) read(value);
  }
  void operator()(std::string_view key, std::optional<int64_t>& value) {
    value.reset();
    if (!failed_ && rest_.size() > key.size() + 2 && rest_.starts_with(",\"") && rest_.substr(2).starts_with(key))
      (*this)(key, value.emplace());
  }

 private:
  bool skip(std::string_view text) {
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }

  void take(size_t length, std::errc error, const char* end) {
    if (length == 0 || error != std::errc() || end != rest_.data() + length)
      failed_ = true;
    else
      rest_.remove_prefix(length);
  }

  /// Of the JSON number that comes next; 0 where there is none.
  size_t number_length() const {
    size_t i = 0;
    const auto digits = [&] {
      const size_t begin = i;
      while (i < rest_.size() && is_digit(rest_[i])) ++i;
      return i > begin;
    };
    if (i < rest_.size() && rest_[i] == '-') ++i;
    const bool zero = i < rest_.size() && rest_[i] == '0';
    const size_t whole = i;
    if (!digits() || (zero && i > whole + 1)) return 0;
    if (i < rest_.size() && rest_[i] == '.') {
      ++i;
      if (!digits()) return 0;
    }
    if (i < rest_.size() && (rest_[i] == 'e' || rest_[i] == 'E')) {
      ++i;
      if (i < rest_.size() && (rest_[i] == '+' || rest_[i] == '-')) ++i;
      if (!digits()) return 0;
    }
    return i;
  }

  /// Text in quotes that means itself: ASCII without escapes.
  std::optional<std::string_view> quoted() {
    expect("\"");
    if (failed_) return std::nullopt;
    size_t length = 0;
    while (length < rest_.size() && rest_[length] != '"') {
      const auto c = static_cast<unsigned char>(rest_[length]);
      if (c < 0x20 || c > 0x7e || c == '\\') break;
      ++length;
    }
    const std::string_view text = rest_.substr(0, length);
    rest_.remove_prefix(length);
    expect("\"");
    return failed_ ? std::nullopt : std::optional(text);
  }

  static bool is_among(std::string_view name, const NamedNumbers& numbers, size_t count) {
    return std::any_of(numbers.begin(), numbers.begin() + static_cast<std::ptrdiff_t>(count),
                       [&](const auto& number) { return number.first == name; });
  }

  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace

bool read_step_line(std::string_view line, Event& event) {
  LineReader reader(line);
  reader.expect(R"({"type":"step","time":)");
  if (reader.failed()) return false;
  auto* step = std::get_if<StepEvent>(&event.body);
  if (!step) step = &event.body.emplace<StepEvent>();
  reader.read(event.time);
  reader("stage", event.stage);
  reader("stage_step", event.stage_step);
  reader("step", event.step);
  StepEvent::fields(*step, reader);
  reader.expect("}");
  return reader.at_end();
}

}  // namespace llavakd
