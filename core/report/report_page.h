// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <string>
#include <vector>

namespace llavakd {

/// A part of a page with its heading.
struct PageSection {
  std::string id;
  std::string title;
  std::string content;  ///< HTML.
};

struct ReportPage {
  std::string title = {};  ///< Text.
  std::string head = {};   ///< HTML under the title.
  std::vector<PageSection> sections = {};
  std::string foot = {};  ///< HTML.
};

/// The page as one file that loads nothing: its policy forbids the network, and the only script is the one in it.
std::string page_html(const ReportPage& page);

}  // namespace llavakd
