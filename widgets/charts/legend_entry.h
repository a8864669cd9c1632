// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QAbstractButton>
#include <QPen>
#include <functional>

namespace llavakd {

/// Length of a line's sample before its name.
inline constexpr int legendSampleWidth = 24;

/// An entry of a chart's legend: the line's sample and name; a click, Space or Enter shows or hides the line.
class LegendEntry : public QAbstractButton {
  Q_OBJECT

 public:
  LegendEntry(const QString& name, std::function<QPen()> pen, QWidget* parent = nullptr);
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;
  /// The name as it fits into a width: without its middle where it doesn't, because runs differ at the ends of theirs.
  QString shownName(int width) const;

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  std::function<QPen()> m_pen;
};

}  // namespace llavakd
