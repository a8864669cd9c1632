// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <QWidget>

#include "widgets/charts/step_series.h"

namespace llavakd {

/// One term of the loss in numbers: its name with the line's sample, the newest value, where it is heading over the
/// last tenth of the steps, and its course.
class TermTile : public QWidget {
  Q_OBJECT

 public:
  /// `term`: name as in events; `label`: as people read it.
  TermTile(QString term, QString label, QWidget* parent = nullptr);
  void setSeries(const StepSeries& series);

  QString valueText() const;
  QString trendText() const;
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  QString m_term, m_label;
  std::optional<double> m_last, m_trend;
  std::vector<double> m_course;
};

}  // namespace llavakd
