// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/start/method_sketch.h"

#include <QPainter>
#include <algorithm>

#include "widgets/theme/theme.h"

namespace llavakd {
namespace {

constexpr int widestSketch = 720, arrowWidth = 28;

void drawBox(QPainter& painter, const QRectF& box, const QString& text, const QColor& bar) {
  painter.setPen(QPen(theme::border(), 1));
  painter.setBrush(theme::card());
  painter.drawRoundedRect(box, theme::radius, theme::radius);
  if (bar.isValid()) {
    painter.setPen(Qt::NoPen);
    painter.setBrush(bar);
    painter.drawRoundedRect(
        QRectF(box.left() + theme::radius, box.top(), box.width() - 2 * theme::radius, theme::whoBar), 1, 1);
  }
  painter.setPen(theme::text());
  painter.drawText(box, Qt::AlignCenter, text);
}

}  // namespace

MethodSketch::MethodSketch(QWidget* parent) : QWidget(parent) {
  setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
  setFont(theme::font(theme::Size::body));
  setAccessibleName(tr("A teacher, the stages DPT, SFT and DFT, and a student that has learnt from it."));
}

void MethodSketch::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const double whole = std::min(width(), widestSketch), middle = height() / 2.0;
  const double unit = (whole - 4 * arrowWidth) / 6.4;  // two models of 1.4, three stages of 1.2
  const double high = 56, low = 36;
  struct Part {
    QString text;
    double width, height;
    QColor bar;
  };
  const Part parts[] = {{tr("Teacher"), 1.4 * unit, high, theme::whoColor(theme::Who::teacher)},
                        {QStringLiteral("DPT"), 1.2 * unit, low, {}},
                        {QStringLiteral("SFT"), 1.2 * unit, low, {}},
                        {QStringLiteral("DFT"), 1.2 * unit, low, {}},
                        {tr("Student"), 1.4 * unit, low, theme::whoColor(theme::Who::student)}};
  double x = 0.5;
  for (const Part& part : parts) {
    if (x > 1) {
      painter.drawPixmap(
          QPointF(x + (arrowWidth - theme::iconSize) / 2.0, middle - theme::iconSize / 2.0),
          theme::iconPixmap(QStringLiteral("arrow-right"), theme::mutedText(), theme::iconSize, devicePixelRatioF()));
      x += arrowWidth;
    }
    drawBox(painter, QRectF(x, middle - part.height / 2, part.width - 1, part.height), part.text, part.bar);
    x += part.width;
  }
}

}  // namespace llavakd
