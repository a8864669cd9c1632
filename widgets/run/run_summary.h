// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <QStringList>
#include <filesystem>
#include <map>
#include <set>
#include <vector>

#include "core/project/options.h"
#include "core/run/run_folder.h"
#include "widgets/run/run_progress.h"

namespace llavakd {

/// One line of the list of runs next to a project file.
struct RunSummary {
  QString folder;
  double when = 0;  ///< Seconds since 1970.
  RunState state = RunState::none;
  bool belongs = false;  ///< To this project; another's can be seen, not opened.
  QString owner;         ///< The other project's file, where it is known.
  QString fault;         ///< Why its run.json can't be read.
  bool begun = false;    ///< It has made a step or a checkpoint, so there is something to look at.

  bool canBeShown() const { return belongs && fault.isEmpty(); }
  bool operator==(const RunSummary&) const = default;
};

/// Which runs have begun, remembered: who lists the runs again and again must not read each one's log each time.
class BegunRuns {
 public:
  /// Whether the run has made a step or a checkpoint.
  bool hasBegun(const RunFolder& run);

 private:
  std::set<std::filesystem::path> m_begun;
  std::map<std::filesystem::path, qint64> m_others;  ///< With the size of the log in which no step was found.
};

/// The runs next to the project file, newest first, without those of ablations. Reads files: for worker threads.
std::vector<RunSummary> runSummaries(const QString& projectFile, BegunRuns* known = nullptr);

/// The run to show when nobody has chosen one: a running one, else the newest that has begun, else the newest. A run
/// that is shown stays unless another runs or a newer one has begun. nullptr: none belongs to the project.
const RunSummary* runToShow(const std::vector<RunSummary>& runs, const QString& shown);

/// What a run was trained with, to read: its stages' options, the changed inputs that a resume accepted, what became of
/// its gates, the run that it is a branch of, and what of the machine decides its last bits.
QStringList recordLines(const RunInfo& run);

/// "30 Nov 00:28": the day and time in the locale's words; with the year when it is another one.
QString runTimeText(double when);

}  // namespace llavakd
