// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/chart_table.h"

#include <QCoreApplication>
#include <cmath>
#include <limits>
#include <tuple>

#include "widgets/charts/step_axis.h"
#include "widgets/theme/numbers.h"

namespace llavakd {
namespace {

struct TableText {
  Q_DECLARE_TR_FUNCTIONS(TableText)
};

QString quotedField(const QString& text) {
  if (!text.contains(u',') && !text.contains(u'"') && !text.contains(u'\n')) return text;
  return u'"' + QString(text).replace(QStringLiteral("\""), QStringLiteral("\"\"")) + u'"';
}

QString numberField(double value) {
  return std::isfinite(value) ? QString::number(value, 'g', 7) : QString();  // as many digits as are recorded
}

}  // namespace

ChartTable::ChartTable(std::vector<Line> lines, const Smoothing& smoothing, StepAxis axis,
                       std::shared_ptr<const StepHistory> places, std::pair<double, double> shown)
    : m_lines(std::move(lines)), m_smoothing(smoothing), m_axis(axis), m_places(std::move(places)) {
  m_columns.push_back({Kind::step, 0});
  if (m_axis != StepAxis::step) m_columns.push_back({Kind::place, 0});
  for (std::size_t line = 0; line < m_lines.size(); ++line) {
    m_columns.push_back({Kind::value, line});
    if (m_smoothing.isOn()) m_columns.push_back({Kind::smoothed, line});
  }
  if (!m_lines.empty()) std::tie(m_first, m_last) = m_lines.front().series.indicesIn(shown.first, shown.second);
}

QString ChartTable::title(int column) const {
  const Column& one = m_columns[std::size_t(column)];
  switch (one.kind) {
    case Kind::step:
      return TableText::tr("Step");
    case Kind::place:
      return axisTitle(m_axis);
    case Kind::value:
      return m_lines[one.line].name;
    case Kind::smoothed:
      return TableText::tr("%1 (smoothed)").arg(m_lines[one.line].name);
  }
  return {};
}

double ChartTable::value(std::size_t row, int column) const {
  const Column& one = m_columns[std::size_t(column)];
  const HistorySeries& series = seriesOf(one);
  switch (one.kind) {
    case Kind::step:
      return series.step(m_first + row);
    case Kind::place:
      return m_places->position(m_axis, series.step(m_first + row));
    case Kind::value:
      return series.value(m_first + row);
    case Kind::smoothed:
      return series.smoothedAt(m_first + row, m_smoothing);
  }
  return std::numeric_limits<double>::quiet_NaN();
}

QString ChartTable::text(std::size_t row, int column) const {
  const Column& one = m_columns[std::size_t(column)];
  const double number = value(row, column);
  if (std::isnan(number)) return QStringLiteral("–");
  if (one.kind == Kind::step) return theme::wholeNumber(std::llround(number));
  return one.kind == Kind::place ? placeText(m_axis, number) : m_lines[one.line].text(number);
}

std::vector<double> ChartTable::values(int column) const {
  const Column& one = m_columns[std::size_t(column)];
  if (one.kind == Kind::smoothed) return seriesOf(one).smoothedIn(m_first, m_last, m_smoothing);
  return NumberTable::values(column);
}

QString ChartTable::summary() const {
  if (rows() == 0) return TableText::tr("The chart shows no values.");
  return TableText::tr("Steps %1 to %2: %3 rows")
      .arg(text(0, 0), text(rows() - 1, 0), theme::wholeNumber(qint64(rows())));
}

QString ChartTable::header() const {
  QString names = QStringLiteral("step");
  for (int column = 1; column < columns(); ++column) names += u',' + quotedField(title(column));
  return names + u'\n';
}

template <class RowAt>
QString ChartTable::written(std::size_t count, RowAt rowAt) const {
  std::vector<std::vector<double>> smoothed(m_columns.size());  // which are quicker to compute all at once
  for (std::size_t column = 0; column < m_columns.size(); ++column)
    if (m_columns[column].kind == Kind::smoothed) smoothed[column] = values(int(column));
  QString text = header();
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t row = rowAt(i);
    text += QString::number(value(row, 0), 'f', 0);
    for (std::size_t column = 1; column < m_columns.size(); ++column)
      text += u',' + numberField(smoothed[column].empty() ? value(row, int(column)) : smoothed[column][row]);
    text += u'\n';
  }
  return text;
}

QString ChartTable::commaSeparated() const {
  return written(rows(), [](std::size_t row) { return row; });
}

QString ChartTable::commaSeparated(const std::vector<std::uint32_t>& rows) const {
  return written(rows.size(), [&rows](std::size_t i) { return std::size_t(rows[i]); });
}

}  // namespace llavakd
