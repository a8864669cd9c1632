// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <vector>

namespace llavakd {

/// What a recent project's entry says, from its files.
struct RecentFacts {
  QString name;                ///< Of the project; its file's where it has none.
  QString run;                 ///< How its newest run is: "Finished, 58.3 %, 30 Nov 00:28". Empty without runs.
  std::vector<double> course;  ///< Some of that run's totals, in order.
  bool missing = false;
};

/// Reads the project, the list of its runs, and of the newest one's log as much as is shown. For worker threads.
RecentFacts readRecentFacts(const QString& projectFile);

}  // namespace llavakd
