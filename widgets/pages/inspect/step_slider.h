// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QSlider>

#include "widgets/shared/probe_history.h"

namespace llavakd {

/// A slider over the looks at the probes. Under it stand the stages' names at their first look, and a diamond where a
/// checkpoint was written or a stage ended.
class StepSlider : public QSlider {
  Q_OBJECT

 public:
  explicit StepSlider(QWidget* parent = nullptr);
  void setSteps(const std::vector<ProbeStep>& steps);
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override { return {120, sizeHint().height()}; }

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;

 private:
  double xOf(int index) const;
  int indexAt(double x) const;
  std::vector<ProbeStep> m_steps;
};

}  // namespace llavakd
