// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QListWidget>
#include <vector>

#include "core/run/alerts.h"
#include "core/run/events.h"
#include "widgets/charts/step_chart.h"

namespace llavakd {

/// What a person should look at in a run's course: what is found in its steps, and where it stopped or paused by
/// itself; each with what was done. Knows the same as marks for a chart.
class AlertList : public QListWidget {
  Q_OBJECT

 public:
  explicit AlertList(QWidget* parent = nullptr);
  void forget();
  /// A run that failed, or paused by itself; other events tell nothing.
  void append(const Event& event);
  /// Drops what happened from a step on.
  void goBackTo(double step);
  /// Lists these and what append() was told.
  void setAlerts(const std::vector<Alert>& found);

  std::vector<StepMark> marks() const;
  /// Selects the first row of that step.
  void selectStep(double step);
  QSize sizeHint() const override { return {200, 90}; }
  /// What is shown while there is none.
  static QString emptyText();

 protected:
  void paintEvent(QPaintEvent* event) override;

 Q_SIGNALS:
  void stepActivated(double step);

 private:
  struct Row {
    double step = 0;
    QString stage, text;
  };
  std::vector<Row> m_told, m_rows;  ///< From events; all of them in order.
  std::vector<Alert> m_found;
  bool m_changed = false;
};

/// The alert as a sentence with what was done.
QString alertText(const Alert& alert);

}  // namespace llavakd
