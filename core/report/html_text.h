// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace llavakd {

// Everything that a page says goes through these; what comes from outside is text and never markup.

/// A text as HTML, XML or the value of an attribute shows it: markup is escaped, what isn't UTF-8 and control
/// characters are written as "\xff", what is longer is cut.
std::string html_text(std::string_view text, size_t longest = 2000);

/// The same of several lines, as paragraphs.
std::string html_paragraphs(std::string_view text);

/// Four significant digits; "–" for what is no number.
std::string number_html(double value);
/// "12,345".
std::string count_html(int64_t count);
/// "2026-11-24 10:15 UTC"; "–" for 0.
std::string date_html(double seconds);

/// A table whose cells are HTML already. Cells of a column in `numbers` are right-aligned.
struct HtmlTable {
  std::string caption = {};  ///< HTML; for people who don't see it, too.
  std::vector<std::string> head = {};
  std::vector<std::vector<std::string>> rows = {};
  std::vector<size_t> numbers = {};  ///< Columns.
};
std::string table_html(const HtmlTable& table);

/// A part that is folded until somebody opens it.
std::string folded_html(std::string_view summary, std::string_view content);

std::string base64(std::string_view bytes);

}  // namespace llavakd
