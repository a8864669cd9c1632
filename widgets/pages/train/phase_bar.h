// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>
#include <vector>

#include "core/run/step_profile.h"

namespace llavakd {

/// Where a step's time goes: one bar cut into the phases' shares, and a legend that says them in words and numbers.
class PhaseBar : public QWidget {
  Q_OBJECT

 public:
  explicit PhaseBar(QWidget* parent = nullptr);
  void setProfile(const StepProfile& profile);

  /// The heading over the bar.
  QString text() const { return m_text; }
  /// "Teacher 31 %", one a phase.
  QStringList entries() const;
  bool hasHeightForWidth() const override { return true; }
  int heightForWidth(int width) const override;
  QSize sizeHint() const override { return {360, heightForWidth(360)}; }
  QSize minimumSizeHint() const override { return {200, heightForWidth(200)}; }

 protected:
  bool event(QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;

 private:
  /// Where each entry of the legend is in a widget of this width, below the bar.
  std::vector<QRect> legendCells(int width) const;
  QRectF barArea() const;

  std::vector<StepProfile::Phase> m_phases;
  QString m_text;
};

}  // namespace llavakd
