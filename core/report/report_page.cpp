// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/report_page.h"

#include <fmt/format.h>

#include "core/base/sha256.h"
#include "core/report/html_text.h"
#include "core/report/page_template.h"

namespace llavakd {
namespace {

/// As a content security policy names the one script that may run.
std::string script_hash() {
  const std::string digits = sha256(page_script);
  std::string bytes;
  constexpr int hexadecimal = 16;
  for (size_t i = 0; i + 1 < digits.size(); i += 2)
    bytes += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, hexadecimal));
  return "sha256-" + base64(bytes);
}

}  // namespace

std::string page_html(const ReportPage& page) {
  const std::string title = html_text(page.title);
  std::string contents, sections;
  for (const PageSection& section : page.sections) {
    contents += fmt::format("<li><a href=\"#{}\">{}</a></li>\n", section.id, section.title);
    sections += fmt::format(
        "<section id=\"{0}\" aria-labelledby=\"{0}-title\">\n<h2 id=\"{0}-title\">{1}</h2>\n{2}</section>\n\n",
        section.id, section.title, section.content);
  }
  return fmt::format(
             "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
             "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src "
             "'unsafe-inline'; script-src '{}'\">\n"
             "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
             "<meta name=\"referrer\" content=\"no-referrer\">\n<title>{}</title>\n<style>\n",
             script_hash(), title) +
         std::string(page_style) +
         fmt::format(
             "</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">To the content</a>\n<header>\n"
             "<div class=\"top\"><p class=\"eyebrow\">LLaVA-KD Studio · report</p>"
             "<button type=\"button\" id=\"theme\" hidden>Dark</button></div>\n<h1>{}</h1>\n{}"
             "<nav aria-label=\"Contents\"><ol>\n{}</ol></nav>\n</header>\n<main id=\"main\">\n",
             title, page.head, contents) +
         sections + "</main>\n<footer>\n" + page.foot + "</footer>\n<script>" + std::string(page_script) +
         "</script>\n</body>\n</html>\n";
}

}  // namespace llavakd
