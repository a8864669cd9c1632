// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/html_text.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ctime>

#include "core/base/printable.h"

namespace llavakd {

std::string html_text(std::string_view text, size_t longest) {
  std::string html;
  for (const char c : printable(text, longest)) {
    switch (c) {
      case '&':
        html += "&amp;";
        break;
      case '<':
        html += "&lt;";
        break;
      case '>':
        html += "&gt;";
        break;
      case '"':
        html += "&quot;";
        break;
      case '\'':
        html += "&#39;";
        break;
      default:
        html += c;
    }
  }
  return html;
}

std::string html_paragraphs(std::string_view text) {
  constexpr size_t most_lines = 400;
  std::string html;
  size_t lines = 0;
  while (!text.empty() && lines++ < most_lines) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) html += fmt::format("<p>{}</p>\n", html_text(line, 10'000));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return text.empty() ? html : html + "<p>…</p>\n";
}

std::string number_html(double value) {
  if (!std::isfinite(value)) return "–";
  std::string text = fmt::format("{:.4g}", value);
  // A true minus, which is as wide as a plus.
  for (size_t place = text.find('-'); place != std::string::npos; place = text.find('-', place))
    text.replace(place, 1, "−");
  return text;
}

std::string count_html(int64_t count) {
  std::string text = fmt::format("{}", count);
  const std::ptrdiff_t sign = count < 0 ? 1 : 0;
  for (std::ptrdiff_t place = std::ssize(text) - 3; place > sign; place -= 3)
    text.insert(static_cast<size_t>(place), ",");
  return text;
}

std::string date_html(double seconds) {
  constexpr double latest = 253402300799;  // the year 9999
  if (!(seconds > 0) || seconds > latest) return "–";
  return fmt::format("{:%Y-%m-%d %H:%M} UTC", fmt::gmtime(static_cast<std::time_t>(seconds)));
}

std::string table_html(const HtmlTable& table) {
  const auto kind_of = [&](size_t column) {
    return std::ranges::count(table.numbers, column) > 0 ? " class=\"number\"" : "";
  };
  std::string html = "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Table\">";
  // Few columns of numbers aren't torn apart.
  html += table.head.size() <= 3 && !table.numbers.empty() ? "<table class=\"narrow\">" : "<table>";
  if (!table.caption.empty()) html += fmt::format("<caption>{}</caption>", table.caption);
  html += "<thead><tr>";
  for (size_t i = 0; i < table.head.size(); ++i)
    html += fmt::format("<th scope=\"col\"{}>{}</th>", kind_of(i), table.head[i]);
  html += "</tr></thead>\n<tbody>\n";
  for (const auto& row : table.rows) {
    html += "<tr>";
    for (size_t i = 0; i < row.size(); ++i)
      html += i == 0 ? fmt::format("<th scope=\"row\"{}>{}</th>", kind_of(i), row[i])
                     : fmt::format("<td{}>{}</td>", kind_of(i), row[i]);
    html += "</tr>\n";
  }
  return html + "</tbody></table></div>\n";
}

std::string folded_html(std::string_view summary, std::string_view content) {
  return fmt::format("<details><summary>{}</summary>\n{}</details>\n", summary, content);
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  constexpr uint32_t six_bits = 63;
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const auto byte = [&](size_t k) {
      return k < bytes.size() ? static_cast<uint32_t>(static_cast<unsigned char>(bytes[k])) : 0U;
    };
    const uint32_t three = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
    for (int k = 0; k < 4; ++k)
      text += i + static_cast<size_t>(k) > bytes.size() ? '=' : letters[three >> (18 - 6 * k) & six_bits];
  }
  return text;
}

}  // namespace llavakd
