// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QPen>
#include <QWidget>
#include <functional>
#include <utility>
#include <vector>

namespace llavakd {

/// A line of values without axes, as high as the widget: the course at a glance. Every extreme stays visible however
/// many values there are.
class Sparkline : public QWidget {
  Q_OBJECT

 public:
  explicit Sparkline(QWidget* parent = nullptr);
  void setPen(std::function<QPen()> pen);
  /// Values in equal distances; NaN leaves a gap.
  void setValues(std::vector<double> values);
  /// Marks one value with a dot; -1: none.
  void setCurrent(int index);

  QSize sizeHint() const override { return {96, 28}; }

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  std::vector<double> m_values;
  std::function<QPen()> m_pen;
  int m_current = -1;
};

/// Paints such a line into a rectangle. Values that share a pixel column are drawn as the stroke from their smallest
/// to their largest. Where each value is the mean of several, `ranges` has their smallest and largest, which are
/// shaded.
void paintSparkline(QPainter& painter, const QRectF& area, const std::vector<double>& values, const QPen& pen,
                    int current = -1, const std::vector<std::pair<double, double>>& ranges = {});

}  // namespace llavakd
