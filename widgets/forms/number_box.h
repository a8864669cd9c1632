// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QDoubleSpinBox>

namespace llavakd {

/// A spin box for numbers of any size: shows "0.001" and "2e-05" rather than twelve decimals, steps by a tenth of the
/// leading digit, and leaves the wheel to the page unless it has the focus. It reads what the locale reads; anything
/// else leaves the value as it was and says so.
class NumberBox : public QDoubleSpinBox {
  Q_OBJECT

 public:
  explicit NumberBox(QWidget* parent = nullptr);
  QString textFromValue(double value) const override;
  double valueFromText(const QString& text) const override;
  QValidator::State validate(QString& text, int& position) const override;
  void fixup(QString& text) const override;
  /// Only whole numbers.
  void setWhole(bool whole) { m_whole = whole; }

 protected:
  void wheelEvent(QWheelEvent* event) override;

 private:
  QString bare(const QString& text) const;
  QString refusalOf(const QString& number) const;
  bool m_whole = false;
};

}  // namespace llavakd
