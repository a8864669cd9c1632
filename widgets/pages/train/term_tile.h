// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QAbstractButton>
#include <QString>
#include <optional>
#include <utility>
#include <vector>

#include "widgets/charts/history_series.h"

namespace llavakd {

/// One term of the loss in numbers: its name with the line's sample, the present stage's newest value and where it is
/// heading over the last tenth of its steps, and the course of the run. Says so when the stage hasn't the term. A click
/// or the space bar asks to see its line alone, or all lines again; it is checked while the line is alone.
class TermTile : public QAbstractButton {
  Q_OBJECT

 public:
  /// `term`: name as in events; `label`: as people read it.
  TermTile(QString term, QString label, QWidget* parent = nullptr);
  /// `stage`: the present one.
  void setSeries(const HistorySeries& series, const QString& stage);

  QString valueText() const;
  QString trendText() const;
  /// What of trendText() is drawn where there is so much room.
  QString shownTrend(int room) const;
  /// The term's name in so many pixels: where it doesn't fit, the word that tells it from its neighbours.
  QString shownLabel(int room) const;
  /// The drawn line: means of equal stretches of the run, and their least and most.
  const std::vector<double>& course() const { return m_course; }
  const std::vector<std::pair<double, double>>& ranges() const { return m_ranges; }
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  QString trendWith(int digits) const;

  QString m_term, m_label, m_absence;
  std::optional<double> m_last, m_trend;
  std::vector<double> m_course;
  std::vector<std::pair<double, double>> m_ranges;
};

}  // namespace llavakd
