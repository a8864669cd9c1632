// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>

namespace llavakd {

/// What a recent project's entry says, from its files.
struct RecentFacts {
  QString name;  ///< Of the project; its file's where it has none.
  QString run;   ///< How its newest run is: "Finished, 30 Nov 00:28". Empty without runs.
  bool missing = false;
};

/// Reads the project and the list of its runs. For worker threads.
RecentFacts readRecentFacts(const QString& projectFile);

}  // namespace llavakd
