// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/pcre2_dialect.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "core/base/errors.h"
#include "core/base/printable.h"
#include "core/text/newer_characters.h"

namespace llavakd {
namespace {

// Unicode's White_Space, which Oniguruma's \s is; PCRE2 counts U+180E too.
constexpr std::string_view white_space =
    R"(\t-\r\x{20}\x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000})";
constexpr std::string_view word = R"(\p{Alphabetic}\p{M}\p{Nd}\p{Pc})";
// Outside of a class Oniguruma takes Latin-1's superscripts and fractions for word characters.
constexpr std::string_view lone_word = R"(\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\xB2\xB3\xB9\xBC-\xBE)";
constexpr std::string_view digit = R"(\p{Nd})";

/// Some characters, or all others; `members` is written as inside of a class.
struct Set {
  std::string members;
  bool negated = false;
};

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

class Translation {
 public:
  Translation(std::string_view pattern, const std::string& where) : pattern_(pattern), where_(where) {}

  std::string run() {
    while (at_ < pattern_.size()) {
      const char c = pattern_[at_];
      if (c == '\\') {
        escape();
      } else if (c == '[') {
        character_class();
      } else if (c == '(') {
        group();
      } else if (c == '{') {
        repetition();
      } else {
        out_.push_back(pattern_[at_++]);
      }
    }
    return std::move(out_);
  }

 private:
  std::string_view rest() const { return pattern_.substr(at_); }

  [[noreturn]] void refuse(std::string_view what) const {
    throw UserError(fmt::format("{}: the pattern '{}' has {} at character {}, which isn't supported.", where_,
                                printable(pattern_), what, at_));
  }

  /// Copies an escape that means the same to both.
  void copy_escape(std::string& out, std::string_view known_letters) {
    const char escaped = at_ + 1 < pattern_.size() ? pattern_[at_ + 1] : '\0';
    if (escaped == '\0' || escaped == '0' ||
        (is_letter(escaped) && known_letters.find(escaped) == std::string_view::npos)) {
      refuse(fmt::format("'{}'", printable(rest().substr(0, 2))));
    }
    out += rest().substr(0, 2);
    at_ += 2;
  }

  void escape() {
    const bool is_word = rest().starts_with("\\w") || rest().starts_with("\\W");
    if (const auto set = set_escape()) {
      out_ += fmt::format("[{}{}]", set->negated ? "^" : "", is_word ? lone_word : set->members);
    } else if (rest().starts_with("\\b")) {
      out_ += fmt::format("(?:(?<=[{0}])(?![{0}])|(?<![{0}])(?=[{0}]))", lone_word);
      at_ += 2;
    } else if (rest().starts_with("\\B")) {
      out_ += fmt::format("(?:(?<=[{0}])(?=[{0}])|(?<![{0}])(?![{0}]))", lone_word);
      at_ += 2;
    } else {
      copy_escape(out_, "tnrfaexAzR");
    }
  }

  /// \s, \w, \d, \p{…} and their opposites.
  std::optional<Set> set_escape() {
    static const std::map<char, std::string_view> sets{{'s', white_space}, {'w', word}, {'d', digit}};
    if (rest().size() < 2 || rest()[0] != '\\') return std::nullopt;
    const char escaped = rest()[1];
    if (escaped == 'p' || escaped == 'P') return property();
    const bool negated = escaped >= 'A' && escaped <= 'Z';
    const auto set = sets.find(static_cast<char>(negated ? escaped - 'A' + 'a' : escaped));
    if (set == sets.end()) return std::nullopt;
    at_ += 2;
    return Set{std::string(set->second), negated};
  }

  Set property() {
    const size_t end = pattern_.find('}', at_);
    if (end == std::string_view::npos || !rest().substr(2).starts_with("{")) refuse("a property without braces");
    std::string_view name = pattern_.substr(at_ + 3, end - at_ - 3);
    bool negated = pattern_[at_ + 1] == 'P';
    if (name.starts_with("^")) {
      negated = !negated;
      name.remove_prefix(1);
    }
    if (!std::all_of(name.begin(), name.end(), is_letter)) refuse("a property that isn't a category or a script");
    at_ = end + 1;
    // Longer names are scripts; without "sc:" PCRE2 would take the script extensions.
    const bool script = name.size() > 2 && name != "Any";
    return {fmt::format(R"(\p{{{}{}}})", script ? "sc:" : "", name), negated};
  }

  /// [[:digit:]] and the like.
  Set posix_set() {
    static const std::map<std::string_view, std::string_view> sets{
        {"digit", digit}, {"space", white_space}, {"word", word}};
    const size_t end = pattern_.find(":]", at_);
    if (end == std::string_view::npos) refuse("a class inside a class");
    std::string_view name = pattern_.substr(at_ + 2, end - at_ - 2);
    const bool negated = name.starts_with("^");
    if (negated) name.remove_prefix(1);
    const auto set = sets.find(name);
    if (set == sets.end()) refuse(fmt::format("'[:{}:]'", printable(name)));
    at_ = end + 2;
    return {std::string(set->second), negated};
  }

  /// A class whose members are sets' opposites too becomes an alternative, because PCRE2 can't write those out.
  void character_class() {
    ++at_;
    const bool negated = rest().starts_with("^");
    if (negated) ++at_;
    const size_t begin = at_;
    std::string members;
    std::string others;  // |[^set]|[^set]…
    while (at_ == begin || !rest().starts_with("]")) {
      if (rest().empty()) refuse("a class without an end");
      if (rest().starts_with("&&")) refuse("'&&'");
      const bool posix = rest().starts_with("[:");
      if (rest().starts_with("[") && !posix) refuse("a class inside a class");
      const size_t item = at_;
      if (const auto set = posix ? posix_set() : set_escape()) {
        const bool hyphen_before = item > begin + 1 && pattern_[item - 1] == '-' && pattern_[item - 2] != '\\';
        if (hyphen_before || (rest().starts_with("-") && !rest().starts_with("-]"))) refuse("a hyphen next to a set");
        if (set->negated) {
          others += fmt::format("|[^{}]", set->members);
        } else {
          members += set->members;
        }
      } else if (rest().starts_with("\\")) {
        copy_escape(members, "tnrfaexb");
      } else if (rest().starts_with("]")) {
        members += R"(\])";
        ++at_;
      } else {
        members.push_back(pattern_[at_++]);
      }
    }
    ++at_;
    out_ += class_of(members, others, negated);
  }

  static std::string class_of(const std::string& members, const std::string& others, bool negated) {
    if (others.empty()) return fmt::format("[{}{}]", negated ? "^" : "", members);
    const std::string_view alternatives = std::string_view(others).substr(1);
    if (!negated)
      return members.empty() ? fmt::format("(?:{})", alternatives) : fmt::format("(?:[{}]{})", members, others);
    return fmt::format("(?:(?!{}){})", alternatives, members.empty() ? "(?s:.)" : fmt::format("[^{}]", members));
  }

  void group() {
    static constexpr std::string_view known[] = {"(?:", "(?=", "(?!", "(?>", "(?<=", "(?<!", "(?i:"};
    if (rest().starts_with("(?i)")) {
      if (at_ != 0) refuse("'(?i)' behind the beginning");  // how far it reaches differs
      out_ += "(?i)";
      at_ += 4;
      return;
    }
    for (const std::string_view opening : known) {
      if (!rest().starts_with(opening)) continue;
      out_ += opening;
      at_ += opening.size();
      return;
    }
    const bool named = rest().size() > 3 && rest().starts_with("(?<") && is_letter(rest()[3]);
    if (rest().starts_with("(*") || (rest().starts_with("(?") && !named)) refuse("a special group");
    out_.push_back(pattern_[at_++]);
  }

  /// {n}, {n,}, {n,m} and Oniguruma's {,m}; behind them "+" and "?" mean other things to it than to PCRE2.
  void repetition() {
    const size_t end = pattern_.find('}', at_);
    const std::string_view bounds = end == std::string_view::npos ? "" : pattern_.substr(at_ + 1, end - at_ - 1);
    const bool counts = bounds.find_first_not_of("0123456789,") == std::string_view::npos &&
                        bounds.find_first_of("0123456789") != std::string_view::npos;
    if (!counts) {
      out_ += R"(\{)";
      ++at_;
      return;
    }
    const std::string_view behind = pattern_.substr(end + 1);
    if (behind.starts_with("+") || (behind.starts_with("?") && bounds.find(',') == std::string_view::npos))
      refuse("a repeated repetition");
    out_ += fmt::format("{{{}{}}}", bounds.starts_with(",") ? "0" : "", bounds);
    at_ = end + 1;
  }

  std::string_view pattern_;
  const std::string& where_;
  size_t at_ = 0;
  std::string out_;
};

}  // namespace

std::string pcre2_dialect(std::string_view pattern, const std::string& where) {
  if (with_older_characters(pattern)) {
    throw UserError(fmt::format("{}: the pattern '{}' has a character younger than Unicode 14, which isn't supported.",
                                where, printable(pattern)));
  }
  return Translation(pattern, where).run();
}

}  // namespace llavakd
