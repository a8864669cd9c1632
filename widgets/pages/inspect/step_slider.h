// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QSlider>
#include <vector>

#include "widgets/shared/probe_history.h"

namespace llavakd {

/// A slider over the looks at the probes, each at the place of its step on the chart under it. Below are the stages'
/// names at their first look, and a diamond where a checkpoint was written or a stage ended.
class StepSlider : public QSlider {
  Q_OBJECT

 public:
  explicit StepSlider(QWidget* parent = nullptr);
  void setSteps(const std::vector<ProbeStep>& steps);
  /// The chart's axis: `low` is at `left` of this widget, `high` at `right`. What is beyond it isn't drawn.
  void setAxis(double left, double right, double low, double high);
  /// Where a look is on this widget.
  QPointF positionOf(int index) const;
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override { return {120, sizeHint().height()}; }

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;

 private:
  double xOf(int index) const;
  int indexAt(double x) const;
  bool isInView(double x) const { return x > m_left - 1 && x < m_right + 1; }
  void paintGroove(QPainter& painter) const;
  void paintMarks(QPainter& painter) const;
  void paintKnob(QPainter& painter) const;

  std::vector<ProbeStep> m_steps;
  double m_left = 0, m_right = 1, m_low = 0, m_high = 1;
};

}  // namespace llavakd
