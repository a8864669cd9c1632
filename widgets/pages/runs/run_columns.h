// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QFontMetrics>
#include <QIcon>
#include <QString>
#include <cmath>
#include <string>
#include <vector>

#include "widgets/run/run_row.h"

namespace llavakd {

/// A column of the table of runs: a field, and for `term` which one.
struct RunColumn {
  enum class Field { name, state, started, score, total, term, duration, steps, size, project, tags, notes };
  Field field;
  std::string term = {};
  bool operator==(const RunColumn&) const = default;
};

/// The columns that there is something to show in: the terms in the catalog's order, then those that it doesn't know.
std::vector<RunColumn> runColumns(const std::vector<RunRow>& rows);

/// The column's name in settings: "state", "term NAME".
QString columnKey(const RunColumn& column);
QString columnTitle(const RunColumn& column);
/// The title on two lines where it is longer than its numbers are wide.
QString columnHeading(const RunColumn& column);
/// What it shows, as a sentence; empty where the title says it.
QString columnHelp(const RunColumn& column);
/// Whether it is aligned to the right.
bool isNumber(RunColumn::Field field);

QString cellText(const RunRow& run, const RunColumn& column);
QString cellToolTip(const RunRow& run, const RunColumn& column);
/// Null where there is none.
QIcon cellIcon(const RunRow& run, const RunColumn& column);

/// What a column sorts by: a number, else a text. Neither: the run has no such value.
struct RunSortKey {
  double number = NAN;
  QString text = {};
};
RunSortKey sortKey(const RunRow& run, const RunColumn& column);

/// Pixels that the start of any of these runs fits into, as the locale writes it.
int startedWidth(const std::vector<RunRow>& rows, const QFontMetrics& metrics);

/// "paper, seed 1".
QString tagsText(const RunRow& run);

}  // namespace llavakd
