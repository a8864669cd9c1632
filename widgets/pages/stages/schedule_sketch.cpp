// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/stages/schedule_sketch.h"

#include <QPainter>
#include <QPainterPath>
#include <cmath>
#include <numbers>

#include "widgets/theme/numbers.h"
#include "widgets/theme/theme.h"

namespace llavakd {

ScheduleSketch::ScheduleSketch(QWidget* parent) : QWidget(parent) {
  setFixedHeight(40);
  setMinimumWidth(80);
}

void ScheduleSketch::setCourse(const std::string& schedule, double warmupRatio, double peak) {
  m_schedule = schedule;
  m_warmup = warmupRatio;
  const QString text = tr("Learning rate: up to %1 over the first %2 % of the steps, then %3")
                           .arg(theme::number(peak))
                           .arg(theme::shortNumber(100 * warmupRatio), QString::fromStdString(schedule));
  setToolTip(text);
  setAccessibleName(text);
  update();
}

double ScheduleSketch::at(double progress) const {
  if (progress < m_warmup) return progress / m_warmup;
  const double t = m_warmup < 1 ? (progress - m_warmup) / (1 - m_warmup) : 1;
  if (m_schedule == "cosine") return 0.5 * (1 + std::cos(std::numbers::pi * t));
  if (m_schedule == "linear") return 1 - t;
  return 1;
}

void ScheduleSketch::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const QRectF area = QRectF(rect()).adjusted(1, 3, -1, -1);
  QPainterPath line(QPointF(area.left(), area.bottom() - at(0) * area.height()));
  for (int x = 1; x <= int(area.width()); ++x)
    line.lineTo(area.left() + x, area.bottom() - at(x / area.width()) * area.height());
  QPainterPath fill = line;
  fill.lineTo(area.bottomRight());
  fill.lineTo(area.bottomLeft());
  fill.closeSubpath();
  QColor ground = theme::accent();
  ground.setAlphaF(0.10F);
  painter.fillPath(fill, ground);
  painter.setPen(theme::border());
  painter.drawLine(area.bottomLeft(), area.bottomRight());
  painter.setPen(QPen(theme::accent(), 1.5));
  painter.drawPath(line);
}

}  // namespace llavakd
