// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <cmath>
#include <optional>
#include <vector>

#include "core/run/run_overview.h"
#include "widgets/run/run_progress.h"

namespace llavakd {

/// A run as the list of runs shows it: of its files only what the list needs, as there may be thousands.
struct RunRow {
  QString folder, name;
  QString owner;          ///< File name of the project that it belongs to, where that is known.
  bool belongs = false;   ///< To the open project; others' can be seen, not opened.
  bool ablation = false;  ///< A part of an ablation, which alone goes on with it.
  bool imported = false;  ///< From another program: to look at; nothing goes on with it.
  QString fault;          ///< Why its run.json can't be read.
  RunState state = RunState::none;
  double started = 0;  ///< Seconds since 1970.
  double seconds = 0;  ///< At work.
  QString stage;       ///< The newest.
  qint64 step = 0, plannedSteps = 0;
  NamedNumbers terms;  ///< Of the newest step, raw.
  double total = NAN;
  std::optional<double> score;  ///< In percent, of the first evaluation that has one.
  QString scores;               ///< All of them, one a line.
  QString message;              ///< Why it failed or paused by itself.
  QString gates;                ///< What became of its gates, and that it went back; one a line.
  RunNotes notes;
  QString notesFault;           ///< Why they can't be read, and so not be changed either.
  std::optional<qint64> bytes;  ///< On disk; nothing while they are counted.

  /// By the pages that follow a run.
  bool canBeOpened() const { return belongs && fault.isEmpty(); }
  /// Whether an engine is at work on it.
  bool isAtWork() const { return isActive(state); }
  bool operator==(const RunRow& other) const;
};

/// The run's row without its size on disk.
RunRow runRow(const RunOverview& overview);

/// What score_text() says, with numbers as the locale writes them.
QString taskResultText(const TaskResult& result);

/// As the window names a status.
RunState runStateOf(RunStatus status);

}  // namespace llavakd
