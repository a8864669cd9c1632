// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/start/recent_facts.h"

#include <QCoreApplication>
#include <QFileInfo>

#include "core/project/project_file.h"
#include "widgets/document/conversions.h"
#include "widgets/run/run_summary.h"

namespace llavakd {

RecentFacts readRecentFacts(const QString& projectFile) {
  RecentFacts facts{QFileInfo(projectFile).completeBaseName(), {}, !QFileInfo::exists(projectFile)};
  if (facts.missing) return facts;
  try {
    if (const QString name = toQString(load_project(toPath(projectFile)).name); !name.isEmpty()) facts.name = name;
    const auto runs = runSummaries(projectFile);
    if (const RunSummary* run = runToShow(runs, {}))
      facts.run =
          QCoreApplication::translate("RecentFacts", "%1, %2").arg(runStateText(run->state), runTimeText(run->when));
  } catch (const std::exception&) {
    // Opening it says what is wrong.
  }
  return facts;
}

}  // namespace llavakd
