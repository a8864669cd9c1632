// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>
#include <vector>

#include "core/image/maps.h"

namespace llavakd {

/// The colours of a scale with numbers, for all maps that share it.
class ColourBar : public QWidget {
  Q_OBJECT

 public:
  explicit ColourBar(QWidget* parent = nullptr);
  /// `caption` says what the numbers are.
  void setScale(const ColourScale& scale, const QString& caption);
  const ColourScale& scale() const { return m_scale; }
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override { return {80, sizeHint().height()}; }

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  ColourScale m_scale;
  QString m_caption;
};

/// The same into a painter's area, whose height is colourBarHeight() in the fonts of the moment.
void paintColourBar(QPainter& painter, const QRect& area, const ColourScale& scale, const QString& caption);
int colourBarHeight();

/// Round numbers of even distance within [low, high], about `count` of them.
std::vector<double> roundTicks(double low, double high, int count);

}  // namespace llavakd
