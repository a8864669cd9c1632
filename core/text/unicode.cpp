// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/unicode.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <vector>

#include "core/text/newer_characters.h"

namespace llavakd {
namespace {

constexpr char32_t replacement = 0xFFFD;

struct CodeRange {
  char32_t first;
  char32_t last;
};

/// Marks younger than Unicode 9, whose tables Hugging Face's tokenizers still normalise by: they neither move nor
/// combine there. Found by comparing every code point with its NFC.
constexpr CodeRange marks_unknown_to_tokenizers[] = {
    {0x7FD, 0x7FD},     {0x898, 0x89F},     {0x8CA, 0x8D3},     {0x9FE, 0x9FE},     {0xC3C, 0xC3C},
    {0xD3B, 0xD3C},     {0xEBA, 0xEBA},     {0x1715, 0x1715},   {0x1ABF, 0x1ACE},   {0x1DF6, 0x1DFA},
    {0xA82C, 0xA82C},   {0x10D24, 0x10D27}, {0x10EAB, 0x10EAC}, {0x10EFD, 0x10EFF}, {0x10F46, 0x10F50},
    {0x10F82, 0x10F85}, {0x11070, 0x11070}, {0x1133B, 0x1133B}, {0x1145E, 0x1145E}, {0x11839, 0x1183A},
    {0x11930, 0x11930}, {0x1193D, 0x1193E}, {0x11943, 0x11943}, {0x119E0, 0x119E0}, {0x11A34, 0x11A34},
    {0x11A47, 0x11A47}, {0x11A99, 0x11A99}, {0x11D42, 0x11D42}, {0x11D44, 0x11D45}, {0x11D97, 0x11D97},
    {0x11F41, 0x11F42}, {0x16FF0, 0x16FF1}, {0x1E08F, 0x1E08F}, {0x1E130, 0x1E136}, {0x1E2AE, 0x1E2AE},
    {0x1E2EC, 0x1E2EF}, {0x1E4EC, 0x1E4EF}};

bool is_unknown_mark(char32_t c) {
  if (c < marks_unknown_to_tokenizers[0].first) return false;
  const auto* range = std::lower_bound(std::begin(marks_unknown_to_tokenizers), std::end(marks_unknown_to_tokenizers),
                                       c, [](const CodeRange& r, char32_t code) { return r.last < code; });
  return range != std::end(marks_unknown_to_tokenizers) && c >= range->first;
}

struct LeadByte {
  int continuation = 0;  // bytes that follow
  uint8_t low = 0x80;    // bounds of the first of them (Unicode, table 3-7)
  uint8_t high = 0xBF;
};

LeadByte lead_byte(uint8_t byte) {
  if (byte >= 0xC2 && byte <= 0xDF) return {1};
  if (byte == 0xE0) return {2, 0xA0, 0xBF};
  if (byte == 0xED) return {2, 0x80, 0x9F};
  if (byte >= 0xE1 && byte <= 0xEF) return {2};
  if (byte == 0xF0) return {3, 0x90, 0xBF};
  if (byte >= 0xF1 && byte <= 0xF3) return {3};
  if (byte == 0xF4) return {3, 0x80, 0x8F};
  return {};
}

/// Below U+0300 nothing combines and NFC changes nothing; in UTF-8 such texts have no byte above 0xCB.
bool is_surely_nfc(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<uint8_t>(c) < 0xCC; });
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<uint8_t>(c) < 0x80; });
}

int combining_class(int32_t code_point) {
  return utf8proc_get_property(code_point)->combining_class;
}

/// Canonical ordering (UAX #15). utf8proc's own is quadratic in the length of a run of marks, which a hostile text can
/// make as long as it likes.
void order_marks(std::vector<int32_t>& points) {
  auto run = points.begin();
  while (run != points.end()) {
    run = std::find_if(run, points.end(), [](int32_t c) { return combining_class(c) != 0; });
    const auto end = std::find_if(run, points.end(), [](int32_t c) { return combining_class(c) == 0; });
    std::stable_sort(run, end, [](int32_t a, int32_t b) { return combining_class(a) < combining_class(b); });
    run = end;
  }
}

std::vector<int32_t> decomposed(std::string_view text, utf8proc_option_t options) {
  std::vector<int32_t> points;
  points.reserve(text.size() + 8);
  std::array<int32_t, 32> part{};  // the longest decomposition in Unicode has 18
  int boundary = 0;
  for (size_t i = 0; i < text.size();) {
    const CodePoint c = code_point_at(text, i);
    i += c.length;
    const auto n = utf8proc_decompose_char(static_cast<int32_t>(c.value), part.data(), part.size(), options, &boundary);
    if (n < 0 || n > static_cast<utf8proc_ssize_t>(part.size())) throw std::logic_error("a decomposition is too long");
    points.insert(points.end(), part.begin(), part.begin() + n);
  }
  return points;
}

/// TBase joins no Hangul syllable (Unicode 3.12); utf8proc swallows it behind one, so that texts are cut here.
constexpr char32_t before_first_trailing_consonant = 0x11A7;

void append_normalized(std::string_view text, NormalForm form, std::string& out) {
  const bool compose = form == NormalForm::nfc || form == NormalForm::nfkc;
  const bool compatible = form == NormalForm::nfkc || form == NormalForm::nfkd;
  const auto options = static_cast<utf8proc_option_t>(
      UTF8PROC_STABLE | (compose ? UTF8PROC_COMPOSE : UTF8PROC_DECOMPOSE) | (compatible ? UTF8PROC_COMPAT : 0));
  std::vector<int32_t> points = decomposed(text, options);
  order_marks(points);
  if (compose) {
    const auto n = utf8proc_normalize_utf32(points.data(), static_cast<utf8proc_ssize_t>(points.size()), options);
    if (n < 0) throw std::logic_error(utf8proc_errmsg(n));
    points.resize(static_cast<size_t>(n));
  }
  for (const int32_t c : points) append_utf8(out, static_cast<char32_t>(c));
}

}  // namespace

CodePoint code_point_at(std::string_view text, size_t position) {
  const auto byte = [&](size_t i) {
    return static_cast<uint8_t>(text[i]);
  };
  const uint8_t first = byte(position);
  if (first < 0x80) return {first, 1, true};
  const LeadByte lead = lead_byte(first);
  if (lead.continuation == 0) return {replacement, 1, false};
  char32_t value = first & (0x3F >> lead.continuation);
  for (int k = 1; k <= lead.continuation; ++k) {
    const size_t at = position + static_cast<size_t>(k);
    const uint8_t low = k == 1 ? lead.low : 0x80;
    const uint8_t high = k == 1 ? lead.high : 0xBF;
    if (at >= text.size() || byte(at) < low || byte(at) > high) return {replacement, static_cast<size_t>(k), false};
    value = (value << 6) | (byte(at) & 0x3F);
  }
  return {value, static_cast<size_t>(lead.continuation) + 1, true};
}

CodePoint last_code_point(std::string_view text) {
  size_t begin = text.size() - 1;
  while (begin > 0 && (static_cast<uint8_t>(text[begin]) & 0xC0) == 0x80) --begin;
  const CodePoint c = code_point_at(text, begin);
  return begin + c.length == text.size() ? c : CodePoint{replacement, 1, false};
}

void append_utf8(std::string& out, char32_t c) {
  const auto push = [&](char32_t byte) {
    out.push_back(static_cast<char>(byte));
  };
  if (c < 0x80) return push(c);
  if (c < 0x800) {
    push(0xC0 | (c >> 6));
  } else {
    if (c < 0x10000) {
      push(0xE0 | (c >> 12));
    } else {
      push(0xF0 | (c >> 18));
      push(0x80 | ((c >> 12) & 0x3F));
    }
    push(0x80 | ((c >> 6) & 0x3F));
  }
  push(0x80 | (c & 0x3F));
}

std::string valid_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    const CodePoint c = code_point_at(text, i);
    append_utf8(out, c.value);
    i += c.length;
  }
  return out;
}

bool is_white_space(char32_t c) {
  return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

bool is_word_character(char32_t c) {
  if (c == 0x200C || c == 0x200D) return true;
  // Letters in circles and squares are symbols with the property Alphabetic.
  if ((c >= 0x24B6 && c <= 0x24E9) || (c >= 0x1F130 && c <= 0x1F149) || (c >= 0x1F150 && c <= 0x1F169) ||
      (c >= 0x1F170 && c <= 0x1F189)) {
    return true;
  }
  switch (utf8proc_category(static_cast<int32_t>(older_character(c)))) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_PC:
      return true;
    default:
      return false;
  }
}

std::string normalized(std::string_view text, NormalForm form) {
  if (form == NormalForm::none || is_ascii(text)) return std::string(text);
  if (form == NormalForm::nfc && is_surely_nfc(text)) return std::string(text);
  std::string out;
  out.reserve(text.size());
  size_t begin = 0;
  for (size_t i = 0; i < text.size();) {
    const CodePoint c = code_point_at(text, i);
    if (is_unknown_mark(c.value)) {
      append_normalized(text.substr(begin, i - begin), form, out);
      out += text.substr(i, c.length);
      begin = i + c.length;
    } else if (c.value == before_first_trailing_consonant) {
      append_normalized(text.substr(begin, i - begin), form, out);
      begin = i;
    }
    i += c.length;
  }
  append_normalized(text.substr(begin), form, out);
  return out;
}

}  // namespace llavakd
