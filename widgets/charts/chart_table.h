// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <functional>
#include <memory>
#include <utility>

#include "widgets/charts/history_series.h"
#include "widgets/charts/number_table.h"
#include "widgets/charts/smoothing.h"

namespace llavakd {

/// What a chart shows as rows and columns: the steps in view, where they are on the axis if that counts something else,
/// and of each shown line its values and, where it is smoothed, the smoothed ones. Nothing is copied. A value.
class ChartTable final : public NumberTable {
 public:
  struct Line {
    QString name;
    std::function<QString(double)> text;  ///< A value for people.
    HistorySeries series;
  };

  ChartTable() = default;
  /// `places`: where the steps are on the axis. `shown`: the places of the series that are in view.
  ChartTable(std::vector<Line> lines, const Smoothing& smoothing, StepAxis axis,
             std::shared_ptr<const StepHistory> places, std::pair<double, double> shown);

  std::size_t rows() const override { return m_last - m_first; }
  int columns() const override { return int(m_columns.size()); }
  QString title(int column) const override;
  double value(std::size_t row, int column) const override;
  /// As the chart's card has it.
  QString text(std::size_t row, int column) const override;
  QString summary() const override;
  std::vector<double> values(int column) const override;
  /// With all digits that are recorded.
  QString commaSeparated(const std::vector<std::uint32_t>& rows) const override;
  /// All rows.
  QString commaSeparated() const;

 private:
  enum class Kind { step, place, value, smoothed };
  struct Column {
    Kind kind;
    std::size_t line;
  };
  const HistorySeries& seriesOf(const Column& column) const { return m_lines[column.line].series; }
  QString header() const;
  template <class RowAt>
  QString written(std::size_t count, RowAt rowAt) const;

  std::vector<Line> m_lines;
  std::vector<Column> m_columns;
  Smoothing m_smoothing;
  StepAxis m_axis = StepAxis::step;
  std::shared_ptr<const StepHistory> m_places;
  std::size_t m_first = 0, m_last = 0;  ///< Rows of the history.
};

}  // namespace llavakd
