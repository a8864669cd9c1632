// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QFrame>

class QLabel;
class QLineEdit;

namespace llavakd {

/// Asks for the range of a chart's axis: two numbers, Enter takes them, Escape closes. Deletes itself.
class AxisRangePopup : public QFrame {
  Q_OBJECT

 public:
  /// `positive`: the axis is logarithmic and takes no zero.
  AxisRangePopup(const QString& title, double low, double high, bool positive, QWidget* parent);
  /// Shows it at a place on the screen, moved so that all of it is seen.
  void open(const QPoint& place);

 Q_SIGNALS:
  void chosen(double low, double high);
  /// All of the data shall be shown again.
  void reset();

 private:
  void take();

  QLineEdit *m_low, *m_high;
  QLabel* m_problem;
  bool m_positive;
};

}  // namespace llavakd
