// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/runs/run_columns.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QStringList>
#include <algorithm>
#include <array>

#include "core/project/catalog.h"
#include "widgets/document/conversions.h"
#include "widgets/pages/runs/run_texts.h"
#include "widgets/run/run_summary.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/theme.h"

namespace llavakd {
namespace {

using ColumnField = RunColumn::Field;

struct FieldText {
  const char* key;
  const char* title;
  const char* help;
};

// In the order of Field.
constexpr std::array fieldTexts{
    FieldText{"name", QT_TRANSLATE_NOOP("RunsModel", "Run"),
              QT_TRANSLATE_NOOP("RunsModel", "Name of the run's folder. The tick lays its curves over Train's chart.")},
    FieldText{"state", QT_TRANSLATE_NOOP("RunsModel", "State"), ""},
    FieldText{"started", QT_TRANSLATE_NOOP("RunsModel", "Started"), ""},
    FieldText{"score", QT_TRANSLATE_NOOP("RunsModel", "Score"),
              QT_TRANSLATE_NOOP("RunsModel", "Of the newest evaluation, in percent")},
    FieldText{"total", QT_TRANSLATE_NOOP("RunsModel", "Total"),
              QT_TRANSLATE_NOOP("RunsModel", "Weighted sum of the terms in the newest step")},
    FieldText{"term", "", QT_TRANSLATE_NOOP("RunsModel", "Raw value in the newest step")},
    FieldText{"duration", QT_TRANSLATE_NOOP("RunsModel", "Took"),
              QT_TRANSLATE_NOOP("RunsModel", "Time at work, without that between a stop and its resume")},
    FieldText{"steps", QT_TRANSLATE_NOOP("RunsModel", "Steps"),
              QT_TRANSLATE_NOOP("RunsModel", "Optimizer steps done, of those planned")},
    FieldText{"size", QT_TRANSLATE_NOOP("RunsModel", "Size"), QT_TRANSLATE_NOOP("RunsModel", "On disk")},
    FieldText{"project", QT_TRANSLATE_NOOP("RunsModel", "Project"), ""},
    FieldText{"tags", QT_TRANSLATE_NOOP("RunsModel", "Tags"),
              QT_TRANSLATE_NOOP("RunsModel", "Words of your own, separated by commas")},
    FieldText{"notes", QT_TRANSLATE_NOOP("RunsModel", "Notes"), ""},
};

QString columnsText(const char* text) {
  return QCoreApplication::translate("RunsModel", text);
}

QString numberOrNone(double value) {
  return std::isnan(value) ? QString() : theme::number(value);
}

double finiteOrNone(double value) {
  return std::isfinite(value) ? value : NAN;
}

QString ownerText(const RunRow& run) {
  if (run.imported) return columnsText("imported");
  return run.ablation ? columnsText("%1, ablation").arg(run.owner) : run.owner;
}

QString ownerToolTip(const RunRow& run) {
  if (!run.belongs) return columnsText("Another project's run: open that project to go on with it.");
  if (run.imported) return columnsText("Read from another program's files: to look at and to compare.");
  return run.ablation ? columnsText("A part of an ablation, which alone goes on with it.") : run.owner;
}

}  // namespace

std::vector<RunColumn> runColumns(const std::vector<RunRow>& rows) {
  std::vector<RunColumn> columns{
      {ColumnField::name}, {ColumnField::state}, {ColumnField::started}, {ColumnField::score}, {ColumnField::total}};
  std::vector<std::string> terms;  // of any run, as they come
  for (const RunRow& row : rows)
    for (const auto& [term, value] : row.terms)
      if (!std::isnan(value) && std::ranges::find(terms, term) == terms.end()) terms.push_back(term);
  for (const CatalogEntry& entry : catalog::terms())
    if (const auto found = std::ranges::find(terms, entry.name); found != terms.end()) {
      columns.push_back({ColumnField::term, *found});
      terms.erase(found);
    }
  for (const std::string& term : terms) columns.push_back({ColumnField::term, term});
  // As long as all are the project's own, its name says nothing.
  const bool hasOthers =
      std::ranges::any_of(rows, [](const RunRow& row) { return !row.belongs || row.ablation || row.imported; });
  for (const ColumnField field : {ColumnField::duration, ColumnField::steps, ColumnField::size, ColumnField::project,
                                  ColumnField::tags, ColumnField::notes})
    if (field != ColumnField::project || hasOthers) columns.push_back({field});
  return columns;
}

QString columnKey(const RunColumn& column) {
  const QString name = QLatin1String(fieldTexts[size_t(column.field)].key);
  return column.term.empty() ? name : name + QLatin1Char(' ') + toQString(column.term);
}

QString columnTitle(const RunColumn& column) {
  return column.term.empty() ? columnsText(fieldTexts[size_t(column.field)].title) : termLabel(column.term);
}

QString columnHeading(const RunColumn& column) {
  constexpr qsizetype longest = 9;
  QString title = columnTitle(column);
  if (column.term.empty() || title.size() <= longest) return title;
  const qsizetype middle = title.size() / 2, before = title.lastIndexOf(QLatin1Char(' '), middle),
                  after = title.indexOf(QLatin1Char(' '), middle);
  const bool isNearer = after < 0 || (before >= 0 && middle - before <= after - middle);
  if (const qsizetype at = isNearer ? before : after; at >= 0) title[at] = QLatin1Char('\n');
  return title;
}

QString columnHelp(const RunColumn& column) {
  const char* help = fieldTexts[size_t(column.field)].help;
  return *help ? columnsText(help) : QString();
}

bool isNumber(RunColumn::Field field) {
  using enum RunColumn::Field;
  constexpr std::array numbers{score, total, term, duration, steps, size};
  return std::ranges::find(numbers, field) != numbers.end();
}

QString tagsText(const RunRow& run) {
  QStringList tags;
  for (const std::string& tag : run.notes.tags) tags << toQString(tag);
  return tags.join(QStringLiteral(", "));
}

QString cellText(const RunRow& run, const RunColumn& column) {
  switch (column.field) {
    case ColumnField::name:
      return run.name;
    case ColumnField::state:
      return stateText(run);
    case ColumnField::started:
      return run.started > 0 ? runTimeText(run.started) : QString();
    case ColumnField::score:
      return run.score ? columnsText("%1 %").arg(theme::fixedNumber(*run.score, 1)) : QString();
    case ColumnField::total:
      return numberOrNone(run.total);
    case ColumnField::term:
      return numberOrNone(number_of(run.terms, column.term));
    case ColumnField::duration:
      return run.seconds > 0 ? theme::durationText(run.seconds) : QString();
    case ColumnField::steps:
      return stepsText(run);
    case ColumnField::size:
      return run.bytes ? theme::bytesText(double(*run.bytes)) : QStringLiteral("…");
    case ColumnField::project:
      return ownerText(run);
    case ColumnField::tags:
      return tagsText(run);
    case ColumnField::notes:
      return toQString(run.notes.text).simplified();
  }
  return {};
}

QString cellToolTip(const RunRow& run, const RunColumn& column) {
  switch (column.field) {
    case ColumnField::name:
      return run.notes.baseline ? columnsText("%1\nThe baseline that other runs are compared with").arg(run.folder)
                                : run.folder;
    case ColumnField::state:
      return run.fault.isEmpty() ? run.message : run.fault;
    case ColumnField::score:
      return run.scores;
    case ColumnField::steps:
      return run.stage;
    case ColumnField::tags:
    case ColumnField::notes:
      if (!run.notesFault.isEmpty()) return run.notesFault;
      return column.field == ColumnField::notes ? toQString(run.notes.text) : tagsText(run);
    case ColumnField::project:
      return ownerToolTip(run);
    default:
      return {};
  }
}

QIcon cellIcon(const RunRow& run, const RunColumn& column) {
  if (column.field == ColumnField::state) return stateIcon(run);
  if (column.field == ColumnField::name && run.notes.baseline) return theme::icon(QStringLiteral("baseline"));
  return {};
}

int startedWidth(const std::vector<RunRow>& rows, const QFontMetrics& metrics) {
  const int year = QDate::currentDate().year();
  const auto newYear = double(QDate(year, 1, 1).startOfDay().toSecsSinceEpoch());
  const bool hasEarlier =  // their year is written
      std::ranges::any_of(rows, [&](const RunRow& row) { return row.started > 0 && row.started < newYear; });
  int widest = 0;
  for (int month = 1; month <= 12; ++month) {
    const QDateTime time(QDate(hasEarlier ? year - 1 : year, month, 28), QTime(22, 58));
    widest = std::max(widest, metrics.horizontalAdvance(runTimeText(double(time.toSecsSinceEpoch()))));
  }
  return widest + theme::gapLarge;
}

RunSortKey sortKey(const RunRow& run, const RunColumn& column) {
  switch (column.field) {
    case ColumnField::started:
      return {finiteOrNone(run.started)};
    case ColumnField::score:
      return {run.score.value_or(NAN)};
    case ColumnField::total:
      return {finiteOrNone(run.total)};
    case ColumnField::term:
      return {finiteOrNone(number_of(run.terms, column.term))};
    case ColumnField::duration:
      return {run.seconds > 0 ? run.seconds : NAN};
    case ColumnField::steps:
      return {run.step > 0 ? double(run.step) : NAN};
    case ColumnField::size:
      return {run.bytes ? double(*run.bytes) : NAN};
    default:
      return {NAN, cellText(run, column)};
  }
}

}  // namespace llavakd
