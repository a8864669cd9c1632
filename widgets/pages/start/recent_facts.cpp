// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/start/recent_facts.h"

#include <QCoreApplication>
#include <QFileInfo>
#include <QStringList>

#include "core/project/project_file.h"
#include "core/run/event_log.h"
#include "core/run/run_overview.h"
#include "widgets/document/conversions.h"
#include "widgets/run/run_row.h"
#include "widgets/run/run_summary.h"
#include "widgets/theme/numbers.h"

namespace llavakd {
namespace {

QString translated(const char* text) {
  return QCoreApplication::translate("RecentFacts", text);
}

/// "Finished, 58.3 %, 30 Nov 00:28"; a run at work: "Running, SFT, 42 %".
QString runText(const RunRow& run) {
  QStringList parts{runStateText(run.state)};
  const bool atWork = run.isAtWork() && run.plannedSteps > 0;
  if (atWork && !run.stage.isEmpty()) parts << run.stage;
  if (atWork)
    parts << translated("%1\u202f% done").arg(theme::wholeNumber(100 * run.step / run.plannedSteps));
  else if (run.score)
    parts << QStringLiteral("%1\u202f%").arg(theme::fixedNumber(*run.score, 1));
  if (!run.isAtWork()) parts << runTimeText(run.started);
  return parts.join(QStringLiteral(", "));
}

/// The totals at places all over the log, as many as a small drawing shows: quick, however long the log is.
std::vector<double> courseOf(const std::filesystem::path& log) {
  constexpr int64_t places = 96, stretch = 8192;
  std::error_code error;
  const auto size = static_cast<int64_t>(std::filesystem::file_size(log, error));
  std::vector<double> totals;
  if (error) return totals;
  EventReader reader(log);
  const bool whole = size <= places * stretch;
  for (int64_t i = 0; i < (whole ? 1 : places); ++i) {
    bool taken = false;
    if (!whole) reader.begin_at({size * i / places, 0});  // within a line, mostly: the rest of it is no event
    reader.read_some(static_cast<size_t>(whole ? size : stretch), [&](Event& event) {
      const auto* step = event.as<StepEvent>();
      if (!step || (taken && !whole)) return;
      totals.push_back(step->total);
      taken = true;
    });
  }
  return totals;
}

}  // namespace

RecentFacts readRecentFacts(const QString& projectFile) {
  RecentFacts facts;
  facts.name = QFileInfo(projectFile).completeBaseName();
  facts.missing = !QFileInfo::exists(projectFile);
  if (facts.missing) return facts;
  try {
    if (const QString name = toQString(load_project(toPath(projectFile)).name); !name.isEmpty()) facts.name = name;
    const auto runs = runSummaries(projectFile);
    if (const RunSummary* run = runToShow(runs, {})) {
      const RunFolder folder{toPath(run->folder)};
      facts.run = runText(
          runRow(run_overview({.folder = folder, .info = read_run_info(folder), .when = run->when, .belongs = true})));
      facts.course = courseOf(folder.events());
    }
  } catch (const std::exception&) {
    // Opening it says what is wrong.
  }
  return facts;
}

}  // namespace llavakd
