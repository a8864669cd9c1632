// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>

namespace llavakd {

/// A thin bar with what it measures on its left and the time left on its right.
class ProgressLine : public QWidget {
  Q_OBJECT

 public:
  explicit ProgressLine(QWidget* parent = nullptr);
  /// `fraction` 0 to 1. `color` invalid: the running state's.
  void setProgress(const QString& text, double fraction, const QString& right, const QColor& color = {});
  QString text() const { return m_text; }
  QString rightText() const { return m_right; }
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override { return {140, sizeHint().height()}; }

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  QString m_text, m_right;
  double m_fraction = 0;
  QColor m_color;
};

}  // namespace llavakd
