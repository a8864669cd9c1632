// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/frame/log_model.h"

#include <QLocale>
#include <QStringList>
#include <vector>

#include "widgets/theme/numbers.h"
#include "widgets/theme/theme.h"

namespace llavakd {
namespace {

constexpr std::size_t mostLogLines = 20000;

}  // namespace

LogModel::LogModel(QObject* parent) : QAbstractTableModel(parent) {}

void LogModel::append(const QString& text) {
  QStringList lines = (m_rest + text).split(QLatin1Char('\n'));
  m_rest = lines.takeLast();
  lines.removeAll(QString());
  if (lines.isEmpty()) return;
  const int first = int(m_lines.size());
  beginInsertRows({}, first, first + int(lines.size()) - 1);
  for (const QString& line : lines) m_lines.push_back(readLogLine(line));
  endInsertRows();
  if (m_lines.size() <= mostLogLines) return;
  const auto old = std::ptrdiff_t(m_lines.size() - mostLogLines);
  beginRemoveRows({}, 0, int(old) - 1);
  m_lines.erase(m_lines.begin(), m_lines.begin() + old);
  endRemoveRows();
}

void LogModel::clear() {
  beginResetModel();
  m_lines.clear();
  m_rest.clear();
  endResetModel();
}

void LogModel::setJson(bool on) {
  m_json = on;
  if (!m_lines.empty()) Q_EMIT dataChanged(index(0, sentenceColumn), index(rowCount() - 1, sentenceColumn));
}

int LogModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : int(m_lines.size());
}

int LogModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : int(columns);
}

QString LogModel::textOf(const LogLine& line, int column) const {
  if (column == timeColumn)
    return line.time.isNull() ? QString() : QLocale().toString(line.time, QStringLiteral("d MMM HH:mm:ss"));
  if (column == sentenceColumn) return m_json && !line.json.isEmpty() ? line.json : line.sentence;
  if (!line.step) return {};
  const QString step = theme::wholeNumber(*line.step);
  return line.stage.isEmpty() ? tr("step %1").arg(step) : tr("%1 · step %2").arg(line.stage, step);
}

QVariant LogModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid() || index.row() >= int(m_lines.size())) return {};
  const LogLine& line = m_lines[std::size_t(index.row())];
  if (role == Qt::DisplayRole) return textOf(line, index.column());
  if (role == Qt::ToolTipRole)
    return line.json.isEmpty() ? line.sentence : line.sentence + QLatin1Char('\n') + line.json;
  if (role == Qt::DecorationRole && index.column() == sentenceColumn && line.warns)
    return theme::icon(QStringLiteral("warning"));
  if (role == Qt::ForegroundRole) {
    if (line.warns) return theme::stateColor(theme::State::paused);
    if (index.column() != sentenceColumn) return theme::mutedText();
  }
  if (role == warnsRole) return line.warns;
  return {};
}

QVariant LogModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || role != Qt::DisplayRole) return {};
  if (section == timeColumn) return tr("Time");
  return section == placeColumn ? tr("Stage and step") : tr("What happened");
}

}  // namespace llavakd
