// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/inspect/step_slider.h"

#include <QMouseEvent>
#include <QPainter>
#include <algorithm>
#include <cmath>

#include "widgets/theme/theme.h"

namespace llavakd {
namespace {

constexpr int margin = 10, grooveY = 12, knob = 8;

}  // namespace

StepSlider::StepSlider(QWidget* parent) : QSlider(Qt::Horizontal, parent) {
  setRange(0, 0);
  setPageStep(5);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  setAccessibleName(tr("Step of the run"));
  setToolTip(tr("The looks at the probes during the run. Diamonds: checkpoints and stages' ends."));
}

void StepSlider::setSteps(const std::vector<ProbeStep>& steps) {
  m_steps = steps;
  setRange(0, std::max(0, int(steps.size()) - 1));
  update();
}

QSize StepSlider::sizeHint() const {
  return {400, grooveY + knob + theme::gapSmall + QFontMetrics(theme::font(theme::Size::caption)).height() + 8};
}

double StepSlider::xOf(int index) const {
  const double width = this->width() - 2.0 * margin;
  return margin + (maximum() > 0 ? width * index / maximum() : 0);
}

int StepSlider::indexAt(double x) const {
  const double width = std::max(1.0, this->width() - 2.0 * margin);
  return std::clamp(int(std::lround((x - margin) / width * maximum())), 0, maximum());
}

void StepSlider::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  QColor groove = theme::text();
  groove.setAlphaF(0.15f);
  painter.setPen(QPen(groove, 4, Qt::SolidLine, Qt::RoundCap));
  painter.drawLine(QPointF(margin, grooveY), QPointF(width() - margin, grooveY));
  painter.setPen(QPen(theme::accent(), 4, Qt::SolidLine, Qt::RoundCap));
  painter.drawLine(QPointF(margin, grooveY), QPointF(xOf(value()), grooveY));

  const QFontMetrics metrics(theme::font(theme::Size::caption));
  painter.setFont(theme::font(theme::Size::caption));
  const double marksY = grooveY + knob + 6;
  double freeFrom = 0;
  for (std::size_t i = 0; i < m_steps.size(); ++i) {
    const double x = xOf(int(i));
    painter.setPen(QPen(theme::mutedText(), 1));
    if (m_steps[i].checkpoint) {
      painter.setBrush(theme::card());
      painter.drawPolygon(
          QPolygonF{QPointF(x, marksY - 4), QPointF(x + 4, marksY), QPointF(x, marksY + 4), QPointF(x - 4, marksY)});
    } else if (m_steps.size() * 6 < std::size_t(width())) {
      painter.drawLine(QPointF(x, marksY - 2), QPointF(x, marksY + 2));
    }
    const bool begins = i == 0 || m_steps[i].stage != m_steps[i - 1].stage;
    const double wide = metrics.horizontalAdvance(m_steps[i].stage);
    const double left = std::max(std::min(x - 2, width() - wide), 0.0);
    if (!begins || left < freeFrom) continue;
    painter.setPen(theme::mutedText());
    painter.drawText(QPointF(left, marksY + 6 + metrics.ascent()), m_steps[i].stage);
    freeFrom = left + wide + theme::gapSmall;
  }
  painter.setPen(QPen(hasFocus() ? theme::accent() : theme::border(), hasFocus() ? 2 : 1));
  painter.setBrush(isEnabled() ? theme::accent() : theme::border());
  painter.drawEllipse(QPointF(xOf(value()), grooveY), knob, knob);
  if (hasFocus()) {
    painter.setPen(QPen(theme::card(), 2));
    painter.setBrush(Qt::NoBrush);
    painter.drawEllipse(QPointF(xOf(value()), grooveY), knob - 2, knob - 2);
  }
}

void StepSlider::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) return;
  setFocus(Qt::MouseFocusReason);
  setSliderDown(true);
  setValue(indexAt(event->position().x()));
  setSliderDown(false);
}

void StepSlider::mouseMoveEvent(QMouseEvent* event) {
  if (event->buttons() & Qt::LeftButton) setValue(indexAt(event->position().x()));
}

}  // namespace llavakd
