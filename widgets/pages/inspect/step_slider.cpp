// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/inspect/step_slider.h"

#include <QMouseEvent>
#include <QPainter>
#include <algorithm>
#include <cmath>
#include <tuple>

#include "widgets/theme/theme.h"

namespace llavakd {
namespace {

constexpr int grooveY = 12, knob = 8, marksY = grooveY + knob + 6;

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
  return {400, marksY + theme::gapSmall};
}

void StepSlider::setAxis(double left, double right, double low, double high) {
  if (std::tuple(left, right, low, high) == std::tuple(m_left, m_right, m_low, m_high)) return;
  m_left = left;
  m_right = std::max(left, right);
  m_low = low;
  m_high = high;
  update();
}

QPointF StepSlider::positionOf(int index) const {
  return {xOf(index), double(grooveY)};
}

double StepSlider::xOf(int index) const {
  if (index < 0 || index >= int(m_steps.size()) || !(m_high > m_low)) return m_left;
  return m_left + (double(m_steps[std::size_t(index)].step) - m_low) / (m_high - m_low) * (m_right - m_left);
}

// The nearest look; of several at one step the newest.
int StepSlider::indexAt(double x) const {
  int best = 0;
  for (int i = 1; i <= maximum(); ++i)
    if (std::abs(xOf(i) - x) <= std::abs(xOf(best) - x)) best = i;
  return best;
}

void StepSlider::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  paintGroove(painter);
  paintMarks(painter);
  paintKnob(painter);
}

void StepSlider::paintGroove(QPainter& painter) const {
  QColor groove = theme::text();
  groove.setAlphaF(0.15f);
  painter.setPen(QPen(groove, 4, Qt::SolidLine, Qt::RoundCap));
  painter.drawLine(QPointF(m_left, grooveY), QPointF(m_right, grooveY));
  const double begin = std::clamp(xOf(0), m_left, m_right), end = std::clamp(xOf(value()), m_left, m_right);
  painter.setPen(QPen(theme::accent(), 4, Qt::SolidLine, Qt::RoundCap));
  painter.drawLine(QPointF(begin, grooveY), QPointF(end, grooveY));
}

// The stages' names are over the chart below.
void StepSlider::paintMarks(QPainter& painter) const {
  painter.setPen(QPen(theme::mutedText(), 1));
  painter.setBrush(theme::card());
  for (std::size_t i = 0; i < m_steps.size(); ++i) {
    const double x = xOf(int(i));
    if (!isInView(x)) continue;
    if (m_steps[i].checkpoint)
      painter.drawPolygon(
          QPolygonF{QPointF(x, marksY - 4), QPointF(x + 4, marksY), QPointF(x, marksY + 4), QPointF(x - 4, marksY)});
    else if (m_steps.size() * 6 < std::size_t(width()))
      painter.drawLine(QPointF(x, marksY - 2), QPointF(x, marksY + 2));
  }
}

// At the edge, and hollow, where its step is out of view.
void StepSlider::paintKnob(QPainter& painter) const {
  const double x = xOf(value());
  const QPointF place(std::clamp(x, m_left, m_right), grooveY);
  const QColor fill = !isEnabled() ? theme::border() : isInView(x) ? theme::accent() : theme::card();
  painter.setPen(QPen(hasFocus() || !isInView(x) ? theme::accent() : theme::border(), hasFocus() ? 2 : 1));
  painter.setBrush(fill);
  painter.drawEllipse(place, knob, knob);
  if (!hasFocus()) return;
  painter.setPen(QPen(theme::card(), 2));
  painter.setBrush(Qt::NoBrush);
  painter.drawEllipse(place, knob - 2, knob - 2);
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
