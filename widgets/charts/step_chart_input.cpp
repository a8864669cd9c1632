// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Mouse, keyboard and crosshair of StepChart.
#include <QApplication>
#include <QClipboard>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <cmath>

#include "widgets/charts/chart_items.h"
#include "widgets/charts/step_chart.h"
#include "widgets/charts/value_card.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/theme.h"

namespace llavakd {
namespace {

constexpr double zoomStep = 0.8;
constexpr double markReach = 7;  // pixels

}  // namespace

void StepChart::paintEvent(QPaintEvent*) {
  if (!hasFocus()) return;
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(QPen(theme::accent(), 2));
  painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), 4, 4);
}

bool StepChart::eventFilter(QObject* watched, QEvent* event) {
  if (watched != m_plot) return QWidget::eventFilter(watched, event);
  switch (event->type()) {
    case QEvent::MouseButtonPress: {
      auto* mouse = static_cast<QMouseEvent*>(event);
      setFocus(Qt::MouseFocusReason);
      m_pressed = mouse->position();
      m_plot->setSelectionRectMode(mouse->modifiers() & Qt::ControlModifier ? QCP::srmZoom : QCP::srmNone);
      return false;
    }
    case QEvent::MouseButtonRelease: {
      auto* mouse = static_cast<QMouseEvent*>(event);
      const bool click = (mouse->position() - m_pressed).manhattanLength() < QApplication::startDragDistance();
      const auto mark = markNear(mouse->position());
      if (click && mark)
        Q_EMIT markClicked(*mark);
      else if (click && m_cursor)
        Q_EMIT stepClicked(*m_cursor);
      return false;
    }
    case QEvent::MouseButtonDblClick:
      fit();
      return true;
    case QEvent::MouseMove: {
      auto* mouse = static_cast<QMouseEvent*>(event);
      if (mouse->buttons() == Qt::NoButton) moveCursorTo(mouse->position());
      return false;
    }
    case QEvent::Leave:
      setCursor(std::nullopt);
      Q_EMIT cursorMoved(std::nullopt);
      return false;
    case QEvent::Wheel: {
      auto* wheel = static_cast<QWheelEvent*>(event);
      return wheeled(wheel->position(), wheel->angleDelta().y() ? wheel->angleDelta().y() : wheel->angleDelta().x(),
                     wheel->modifiers());
    }
    case QEvent::Resize:
      if (m_fitted)
        QMetaObject::invokeMethod(
            this,
            [this] {
              if (m_fitted) fit();
            },
            Qt::QueuedConnection);
      return false;
    default:
      return false;
  }
}

bool StepChart::wheeled(const QPointF& position, int delta, Qt::KeyboardModifiers modifiers) {
  if (delta == 0) return false;
  const double factor = std::pow(zoomStep, delta / 120.0);
  const bool values = (modifiers & Qt::ShiftModifier) || position.x() < m_plot->axisRect()->left();
  if (values)
    zoom(Qt::Vertical, factor, m_plot->yAxis->pixelToCoord(position.y()));
  else
    zoom(Qt::Horizontal, factor, m_plot->xAxis->pixelToCoord(position.x()));
  return true;
}

void StepChart::zoom(Qt::Orientation orientation, double factor, double centre) {
  leaveFit();
  m_applying = true;
  if (orientation == Qt::Horizontal) {
    auto range = m_plot->xAxis->range();
    const double width = std::max(4.0, range.size() * factor);  // less than four steps shows nothing more
    const double share = (centre - range.lower) / range.size();
    m_plot->xAxis->setRange(centre - share * width, centre + (1 - share) * width);
  } else {
    m_plot->yAxis->scaleRange(factor, centre);
  }
  m_applying = false;
  m_plot->replot(QCustomPlot::rpQueuedReplot);
  placeCard();
  Q_EMIT shownStepsChanged(m_plot->xAxis->range().lower, m_plot->xAxis->range().upper);
}

void StepChart::moveCursorTo(const QPointF& position) {
  const auto* area = m_plot->axisRect();
  const auto mark = markNear(position);
  m_plot->setCursor(mark ? Qt::PointingHandCursor : Qt::CrossCursor);
  if (position.x() < area->left() || position.x() > area->right()) {
    setCursor(std::nullopt);
  } else {
    setCursor(m_plot->xAxis->pixelToCoord(position.x()), true);
  }
  Q_EMIT cursorMoved(m_cursor);
}

void StepChart::setCursor(std::optional<double> step, bool withCard) {
  m_cursor.reset();
  std::vector<CrosshairItem::Dot> dots;
  if (step) {  // snaps to a step that has a point
    for (std::size_t i = 0; i < m_series.size(); ++i) {
      const auto index = m_visible[i] ? m_series[i].nearest(*step) : std::nullopt;
      if (!index) continue;
      const double found = m_series[i].steps()[*index];
      if (!m_cursor || std::abs(found - *step) < std::abs(*m_cursor - *step)) m_cursor = found;
    }
  }
  if (m_cursor)
    for (std::size_t i = 0; i < m_series.size(); ++i) {
      const auto index = m_visible[i] ? m_series[i].nearest(*m_cursor) : std::nullopt;
      if (!index || m_series[i].steps()[*index] != *m_cursor) continue;
      dots.push_back(
          {(m_smoothing > 0 ? m_series[i].averages() : m_series[i].values())[*index], m_lines[i].pen().color()});
    }
  m_crosshair->place(m_cursor, std::move(dots));
  // A hidden chart has nothing to paint into yet.
  if (isVisible() && m_plot->layer(QStringLiteral("overlay"))->mode() == QCPLayer::lmBuffered && m_painted)
    m_plot->layer(QStringLiteral("overlay"))->replot();
  else
    m_plot->replot(QCustomPlot::rpQueuedReplot);
  if (m_cursor && withCard)
    placeCard();
  else
    m_card->hide();
  setAccessibleDescription(cursorText());
}

void StepChart::placeCard() {
  if (!m_cursor) return m_card->hide();
  QString stage;
  for (const auto& band : m_bands->bands())
    if (*m_cursor > band.begin && (!band.end || *m_cursor <= *band.end)) stage = band.name;
  const QString step = tr("step %1").arg(theme::wholeNumber(qint64(*m_cursor)));
  QString heading = stage.isEmpty() ? step : tr("%1 · %2", "stage and step").arg(stage, step);
  for (const auto& mark : m_bands->marks())
    if (mark.step == *m_cursor) heading += QStringLiteral(" · ") + mark.text;
  std::vector<ValueRow> rows;
  for (std::size_t i = 0; i < m_lines.size(); ++i) {
    const auto index = m_visible[i] ? m_series[i].nearest(*m_cursor) : std::nullopt;
    if (!index || m_series[i].steps()[*index] != *m_cursor) continue;
    const QString average = m_smoothing > 0 ? m_lines[i].text(m_series[i].averages()[*index]) : QString();
    rows.push_back({m_lines[i].pen(), m_lines[i].name, m_lines[i].text(m_series[i].values()[*index]), average});
  }
  m_card->show(heading, rows);
  // Beside the line, on the side with more room, and never over the stages' names.
  const double x = positionOf(*m_cursor, 1).x();
  const double left = x + theme::gap + m_card->width() <= width() ? x + theme::gap : x - theme::gap - m_card->width();
  const int top = m_plot->y() + int(m_plot->axisRect()->top()) + bandStripHeight + theme::gapTiny;
  m_card->move(std::max(0, int(left)), std::min(top, std::max(0, height() - m_card->height())));
}

void StepChart::stepCursor(int points) {
  const StepSeries* longest = nullptr;
  for (std::size_t i = 0; i < m_series.size(); ++i)
    if (m_visible[i] && (!longest || m_series[i].size() > longest->size())) longest = &m_series[i];
  if (!longest || longest->isEmpty()) return;
  const auto here = m_cursor ? longest->nearest(*m_cursor) : std::optional(longest->size() - 1);
  const auto last = static_cast<std::ptrdiff_t>(longest->size()) - 1;
  const auto next = std::clamp(static_cast<std::ptrdiff_t>(*here) + (m_cursor ? points : 0), std::ptrdiff_t(0), last);
  setCursor(longest->steps()[std::size_t(next)], true);
  Q_EMIT cursorMoved(m_cursor);
}

QString StepChart::cursorText() const {
  if (!m_cursor) return {};
  QString names = QStringLiteral("step"), values = QString::number(*m_cursor, 'f', 0);
  for (std::size_t i = 0; i < m_lines.size(); ++i) {
    const auto index = m_visible[i] ? m_series[i].nearest(*m_cursor) : std::nullopt;
    if (!index || m_series[i].steps()[*index] != *m_cursor) continue;
    names += u'\t' + m_lines[i].name;
    values += u'\t' + QString::number(m_series[i].values()[*index], 'g', 9);
  }
  return names + u'\n' + values;
}

std::optional<double> StepChart::markNear(const QPointF& position) const {
  if (!m_bandsVisible || position.y() < m_plot->axisRect()->bottom() - 2 * markReach ||
      position.y() > m_plot->axisRect()->bottom() + markReach)
    return std::nullopt;
  for (const auto& mark : m_bands->marks())
    if (std::abs(m_plot->xAxis->coordToPixel(mark.step) - position.x()) <= markReach) return mark.step;
  return std::nullopt;
}

void StepChart::keyPressEvent(QKeyEvent* event) {
  const int stride = event->modifiers() & Qt::ShiftModifier ? 10 : 1;
  const double centre = m_cursor.value_or(m_plot->xAxis->range().center());
  if (event->matches(QKeySequence::Copy) && m_cursor)
    QApplication::clipboard()->setText(cursorText());
  else if (event->key() == Qt::Key_Left)
    stepCursor(-stride);
  else if (event->key() == Qt::Key_Right)
    stepCursor(stride);
  else if (event->key() == Qt::Key_Plus || event->key() == Qt::Key_Equal)
    zoom(Qt::Horizontal, zoomStep, centre);
  else if (event->key() == Qt::Key_Minus)
    zoom(Qt::Horizontal, 1 / zoomStep, centre);
  else if (event->key() == Qt::Key_Home)
    fit();
  else if (event->key() == Qt::Key_Escape && m_cursor) {
    setCursor(std::nullopt);
    Q_EMIT cursorMoved(std::nullopt);
  } else {
    QWidget::keyPressEvent(event);
  }
}

void StepChart::focusInEvent(QFocusEvent* event) {
  update();
  QWidget::focusInEvent(event);
}

void StepChart::focusOutEvent(QFocusEvent* event) {
  update();
  QWidget::focusOutEvent(event);
}

}  // namespace llavakd
