// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/runs/runs_model.h"

#include <QFont>
#include <algorithm>
#include <array>

#include "core/project/catalog.h"
#include "widgets/document/conversions.h"
#include "widgets/pages/runs/run_texts.h"
#include "widgets/run/run_catalog.h"
#include "widgets/run/run_selection.h"
#include "widgets/run/run_summary.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/theme.h"

namespace llavakd {
namespace {

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

bool isNumber(RunsModel::Field field) {
  using enum RunsModel::Field;
  constexpr std::array numbers{score, total, term, duration, steps, size};
  return std::ranges::find(numbers, field) != numbers.end();
}

QString tagsText(const RunRow& run) {
  QStringList tags;
  for (const std::string& tag : run.notes.tags) tags << toQString(tag);
  return tags.join(QStringLiteral(", "));
}

QVariant sortNumber(double value) {
  return std::isfinite(value) ? QVariant(value) : QVariant();
}

QString numberOrNone(double value) {
  return std::isnan(value) ? QString() : theme::number(value);
}

}  // namespace

RunsModel::RunsModel(RunCatalog* catalog, RunSelection* selection, QObject* parent)
    : QAbstractTableModel(parent), m_catalog(catalog), m_selection(selection), m_columns(columnsOf({})) {
  connect(catalog, &RunCatalog::changed, this, &RunsModel::takeRows);
  connect(selection, &RunSelection::changed, this, &RunsModel::takeTicks);
  takeRows();
}

std::vector<RunsModel::Column> RunsModel::columnsOf(const std::vector<RunRow>& rows) {
  std::vector<Column> columns{{Field::name}, {Field::state}, {Field::started}, {Field::score}, {Field::total}};
  const auto add = [&](const std::string& term) {
    if (std::ranges::find(columns, Column{Field::term, term}) == columns.end()) columns.push_back({Field::term, term});
  };
  // In the catalog's order, then those that it doesn't know.
  const auto isThere = [&](std::string_view term) {
    return std::ranges::any_of(rows, [&](const RunRow& row) { return !std::isnan(number_of(row.terms, term)); });
  };
  for (const CatalogEntry& entry : catalog::terms())
    if (isThere(entry.name)) add(std::string(entry.name));
  for (const RunRow& row : rows)
    for (const auto& [term, value] : row.terms)
      if (!std::isnan(value)) add(term);
  // As long as all are the project's own, its name says nothing.
  const bool hasOthers =
      std::ranges::any_of(rows, [](const RunRow& row) { return !row.belongs || row.ablation || row.imported; });
  for (const Field field : {Field::duration, Field::steps, Field::size, Field::project, Field::tags, Field::notes})
    if (field != Field::project || hasOthers) columns.push_back({field});
  return columns;
}

void RunsModel::takeRows() {
  const std::vector<RunRow>& rows = m_catalog->rows();
  const auto isInPlace = [&] {
    return std::ranges::equal(rows, m_rows, {}, &RunRow::folder, &RunRow::folder);
  };
  if (std::vector<Column> columns = columnsOf(rows); columns != m_columns || m_rows.empty()) {
    beginResetModel();
    m_columns = std::move(columns);
    m_rows = rows;
    endResetModel();
  } else if (isInPlace()) {
    for (size_t i = 0; i < rows.size(); ++i) {
      if (m_rows[i] == rows[i]) continue;
      m_rows[i] = rows[i];
      Q_EMIT dataChanged(index(int(i), 0), index(int(i), columnCount() - 1));
    }
  } else {
    replaceRows(rows);
  }
}

// Row by row, so that what is selected and edited stays so.
void RunsModel::replaceRows(const std::vector<RunRow>& rows) {
  const auto isIn = [](const std::vector<RunRow>& list, const QString& folder) {
    return std::ranges::find(list, folder, &RunRow::folder) != list.end();
  };
  for (int i = int(m_rows.size()) - 1; i >= 0; --i) {
    if (isIn(rows, m_rows[size_t(i)].folder)) continue;
    beginRemoveRows({}, i, i);
    m_rows.erase(m_rows.begin() + i);
    endRemoveRows();
  }
  for (size_t i = 0; i < rows.size(); ++i) {
    if (i < m_rows.size() && m_rows[i].folder == rows[i].folder) {
      if (m_rows[i] == rows[i]) continue;
      m_rows[i] = rows[i];
      Q_EMIT dataChanged(index(int(i), 0), index(int(i), columnCount() - 1));
    } else if (!isIn(m_rows, rows[i].folder)) {
      beginInsertRows({}, int(i), int(i));
      m_rows.insert(m_rows.begin() + qsizetype(i), rows[i]);
      endInsertRows();
    } else {  // their order is another one, as when a run.json was mended
      beginResetModel();
      m_rows = rows;
      endResetModel();
      return;
    }
  }
}

void RunsModel::takeTicks() {
  if (!m_rows.empty()) Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, 0), {Qt::CheckStateRole});
}

int RunsModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : int(m_rows.size());
}

int RunsModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : int(m_columns.size());
}

int RunsModel::rowOf(const QString& folder) const {
  const auto found = std::ranges::find(m_rows, folder, &RunRow::folder);
  return found == m_rows.end() ? -1 : int(found - m_rows.begin());
}

int RunsModel::columnOf(Field field) const {
  const auto found = std::ranges::find(m_columns, field, &Column::field);
  return found == m_columns.end() ? -1 : int(found - m_columns.begin());
}

QString RunsModel::key(int column) const {
  const Column& shown = m_columns[size_t(column)];
  const QString name = QLatin1String(fieldTexts[size_t(shown.field)].key);
  return shown.term.empty() ? name : name + QLatin1Char(' ') + toQString(shown.term);
}

QVariant RunsModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || section < 0 || section >= columnCount()) return {};
  const Column& column = m_columns[size_t(section)];
  const FieldText& texts = fieldTexts[size_t(column.field)];
  if (role == Qt::DisplayRole) return column.term.empty() ? tr(texts.title) : termLabel(column.term);
  if (role == Qt::ToolTipRole && *texts.help) return tr(texts.help);
  if (role == Qt::TextAlignmentRole)
    return int(isNumber(column.field) ? Qt::AlignRight | Qt::AlignVCenter : Qt::AlignLeft | Qt::AlignVCenter);
  return {};
}

Qt::ItemFlags RunsModel::flags(const QModelIndex& index) const {
  Qt::ItemFlags flags = Qt::ItemIsSelectable | Qt::ItemIsEnabled | Qt::ItemNeverHasChildren;
  if (!index.isValid()) return flags;
  const RunRow& run = row(index.row());
  if (index.column() == 0 && run.fault.isEmpty()) flags |= Qt::ItemIsUserCheckable;
  const Field shown = field(index.column());
  if ((shown == Field::tags || shown == Field::notes) && run.canBeOpened() && run.notesFault.isEmpty())
    flags |= Qt::ItemIsEditable;
  return flags;
}

QVariant RunsModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid()) return {};
  const RunRow& run = row(index.row());
  const Column& column = m_columns[size_t(index.column())];
  switch (role) {
    case Qt::DisplayRole:
      return text(run, column);
    case Qt::EditRole:
      return column.field == Field::notes ? QVariant(toQString(run.notes.text)) : QVariant(text(run, column));
    case sortRole:
      return sortKey(run, column);
    case Qt::ToolTipRole:
      return toolTip(run, column);
    case Qt::DecorationRole:
      return decoration(run, column);
    case Qt::CheckStateRole:
      if (column.field != Field::name || !run.fault.isEmpty()) return {};
      return int(m_selection->isTicked(run.folder) ? Qt::Checked : Qt::Unchecked);
    case Qt::TextAlignmentRole:
      return headerData(index.column(), Qt::Horizontal, role);
    case Qt::ForegroundRole:
      if (!run.canBeOpened()) return theme::mutedText();
      return column.field == Field::state ? QVariant(theme::stateColor(lookOf(run.state))) : QVariant();
    case Qt::FontRole:
      return isNumber(column.field) ? QVariant(theme::numberFont(theme::Size::body)) : QVariant();
    default:
      return {};
  }
}

QString RunsModel::text(const RunRow& run, const Column& column) const {
  switch (column.field) {
    case Field::name:
      return run.name;
    case Field::state:
      return stateText(run);
    case Field::started:
      return run.started > 0 ? runTimeText(run.started) : QString();
    case Field::score:
      return run.score ? tr("%1 %").arg(theme::fixedNumber(*run.score, 1)) : QString();
    case Field::total:
      return numberOrNone(run.total);
    case Field::term:
      return numberOrNone(number_of(run.terms, column.term));
    case Field::duration:
      return run.seconds > 0 ? theme::durationText(run.seconds) : QString();
    case Field::steps:
      return stepsText(run);
    case Field::size:
      return run.bytes ? theme::bytesText(double(*run.bytes)) : QStringLiteral("…");
    case Field::project:
      if (run.imported) return tr("imported");
      return run.ablation ? tr("%1, ablation").arg(run.owner) : run.owner;
    case Field::tags:
      return tagsText(run);
    case Field::notes:
      return toQString(run.notes.text).simplified();
  }
  return {};
}

QString RunsModel::toolTip(const RunRow& run, const Column& column) const {
  switch (column.field) {
    case Field::name:
      return run.folder;
    case Field::state:
      return run.fault.isEmpty() ? run.message : run.fault;
    case Field::score:
      return run.scores;
    case Field::steps:
      return run.stage;
    case Field::tags:
    case Field::notes:
      if (!run.notesFault.isEmpty()) return run.notesFault;
      return column.field == Field::notes ? toQString(run.notes.text) : tagsText(run);
    case Field::project:
      if (!run.belongs) return tr("Another project's run: open that project to go on with it.");
      if (run.imported) return tr("Read from another program's files: to look at and to compare.");
      return run.ablation ? tr("A part of an ablation, which alone goes on with it.") : run.owner;
    default:
      return {};
  }
}

QVariant RunsModel::sortKey(const RunRow& run, const Column& column) const {
  switch (column.field) {
    case Field::started:
      return sortNumber(run.started);
    case Field::score:
      return run.score ? QVariant(*run.score) : QVariant();
    case Field::total:
      return sortNumber(run.total);
    case Field::term:
      return sortNumber(number_of(run.terms, column.term));
    case Field::duration:
      return run.seconds > 0 ? QVariant(run.seconds) : QVariant();
    case Field::steps:
      return run.step > 0 ? QVariant(double(run.step)) : QVariant();
    case Field::size:
      return run.bytes ? QVariant(double(*run.bytes)) : QVariant();
    default: {
      const QString shown = text(run, column);
      return shown.isEmpty() ? QVariant() : QVariant(shown);
    }
  }
}

QVariant RunsModel::decoration(const RunRow& run, const Column& column) const {
  if (column.field == Field::state) return stateIcon(run);
  if (column.field == Field::name && run.notes.baseline) return theme::icon(QStringLiteral("pin"));
  return {};
}

bool RunsModel::setData(const QModelIndex& index, const QVariant& value, int role) {
  if (!index.isValid()) return false;
  const RunRow run = row(index.row());  // a copy: the catalog replaces the rows
  if (role == Qt::CheckStateRole && index.column() == 0) {
    const bool ticked = value.toInt() == Qt::Checked;
    m_selection->setTicked(run.folder, ticked);
    if (m_selection->isTicked(run.folder) != ticked) Q_EMIT tooManyTicked();
    return m_selection->isTicked(run.folder) == ticked;
  }
  if (role != Qt::EditRole || !(flags(index) & Qt::ItemIsEditable)) return false;
  if (field(index.column()) == Field::tags)
    m_catalog->setNotes(run.folder, toQString(run.notes.text), value.toString().split(QLatin1Char(',')));
  else
    m_catalog->setNotes(run.folder, value.toString(), tagsText(run).split(QLatin1Char(',')));
  return true;
}

}  // namespace llavakd
