// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Mouse, keyboard and crosshair of StepChart.
#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <cmath>

#include "widgets/charts/chart_items.h"
#include "widgets/charts/step_axis.h"
#include "widgets/charts/step_chart.h"
#include "widgets/charts/value_card.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/theme.h"

namespace llavakd {
namespace {

constexpr double zoomStep = 0.8;
constexpr double markReach = 5;  // pixels
constexpr int exactDigits = 7;   // that a recorded value has

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
      if (mouse->button() != Qt::LeftButton) return false;
      if (click && mark)
        Q_EMIT markClicked(*mark);
      else if (click && m_cursor)
        Q_EMIT stepClicked(*m_cursor);
      return false;
    }
    case QEvent::MouseButtonDblClick:
      if (static_cast<QMouseEvent*>(event)->button() == Qt::LeftButton)
        doubleClicked(static_cast<QMouseEvent*>(event)->position());
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
      takeSize();
      return true;
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

void StepChart::doubleClicked(const QPointF& position) {
  const auto* area = m_plot->axisRect();
  if (position.x() < area->left())
    askForRange(Qt::Vertical);
  else if (position.y() > area->bottom())
    askForRange(Qt::Horizontal);
  else
    fit();
}

// What double clicks do, for the context menu and its key.
void StepChart::addActions() {
  setContextMenuPolicy(Qt::ActionsContextMenu);
  const auto add = [this](const QString& text, const char* name, auto action) {
    auto* made = new QAction(text, this);
    made->setObjectName(QString::fromLatin1(name));
    connect(made, &QAction::triggered, this, action);
    addAction(made);
  };
  add(tr("&Fit to data"), "fit", [this] { fit(); });
  add(tr("&Range of the horizontal axis…"), "rangeOfSteps", [this] { askForRange(Qt::Horizontal); });
  add(tr("Range of the &vertical axis…"), "rangeOfValues", [this] { askForRange(Qt::Vertical); });
}

void StepChart::moveCursorTo(const QPointF& position) {
  const auto* area = m_plot->axisRect();
  const auto mark = markNear(position);
  m_plot->setCursor(mark ? Qt::PointingHandCursor : Qt::CrossCursor);
  if (position.x() < area->left() || position.x() > area->right()) {
    setCursor(std::nullopt);
  } else {
    setCursor(stepAt(m_plot->xAxis->pixelToCoord(position.x())), true);
  }
  Q_EMIT cursorMoved(m_cursor);
}

std::optional<std::size_t> StepChart::cursorRow() const {
  return m_cursor && !m_series.empty() ? m_series.front().nearest(place(*m_cursor)) : std::nullopt;
}

void StepChart::setCursor(std::optional<double> step, bool withCard) {
  m_cursor = step;
  const auto row = cursorRow();
  m_cursor = row ? std::optional(m_history->step(*row)) : std::nullopt;  // a step that has a point
  std::vector<CrosshairItem::Dot> dots;
  for (std::size_t i = 0; row && i < m_series.size(); ++i)
    if (m_visible[i])
      dots.push_back({m_series[i].value(*row), m_lines[i].pen().color(),
                      m_smoothing.isOn() ? m_series[i].smoothedAt(*row, m_smoothing) : double(NAN)});
  m_crosshair->place(m_cursor ? std::optional(position(*m_cursor)) : std::nullopt, std::move(dots));
  // A chart that was never painted has nothing to paint into yet.
  if (isVisible() && m_plot->layer(QStringLiteral("overlay"))->mode() == QCPLayer::lmBuffered && m_painted)
    m_plot->layer(QStringLiteral("overlay"))->replot();
  else
    redraw();
  if (m_cursor && withCard)
    placeCard();
  else
    m_card->hide();
  setAccessibleDescription(cursorText());
}

void StepChart::placeCard() {
  const auto row = cursorRow();
  if (!row) return m_card->hide();
  QString stage;
  for (const auto& band : m_bands->bands())
    if (*m_cursor > band.begin && (!band.end || *m_cursor <= *band.end)) stage = band.name;
  const QString step = tr("step %1").arg(theme::wholeNumber(qint64(*m_cursor)));
  QString heading = stage.isEmpty() ? step : tr("%1 · %2", "stage and step").arg(stage, step);
  if (m_axis != StepAxis::step) heading += QStringLiteral(" · ") + placeText(m_axis, position(*m_cursor));
  for (const auto& mark : m_bands->marks())
    if (mark.step == *m_cursor) heading += QStringLiteral(" · ") + mark.text;
  std::vector<ValueRow> rows;
  std::optional<std::size_t> first;
  for (std::size_t i = 0; i < m_lines.size(); ++i) {
    if (!m_visible[i]) continue;
    if (!first) first = i;
    const auto& text = m_lines[i].text;
    rows.push_back({m_lines[i].pen(), m_lines[i].name, text(m_series[i].value(*row)),
                    m_smoothing.isOn() ? text(m_series[i].smoothedAt(*row, m_smoothing)) : QString()});
  }
  // Of other runs the first line: all of them would cover the chart.
  for (std::size_t k = 0; first && k < m_overlays.size(); ++k) {
    const auto& series = m_overlays[k].series[*first];
    const auto index = series.nearest(position(*m_cursor));
    if (!index) continue;
    const auto& text = m_lines[*first].text;
    const auto& run = m_overlays[k].run;
    rows.push_back({overlaidPen(m_lines[*first].pen(), run.baseline, run.place),
                    tr("%1 of %2", "a line and its run").arg(m_lines[*first].name, run.name),
                    text(series.value(*index)),
                    m_smoothing.isOn() ? text(series.smoothedAt(*index, m_smoothing)) : QString()});
  }
  m_card->show(heading, rows);
  // Beside the line, on the side with more room, and never over the stages' names.
  const double x = m_plot->x() + m_plot->xAxis->coordToPixel(position(*m_cursor));
  const double left = x + theme::gap + m_card->width() <= width() ? x + theme::gap : x - theme::gap - m_card->width();
  const int top = m_plot->y() + int(m_plot->axisRect()->top()) + theme::gapTiny;
  m_card->move(std::max(0, int(left)), std::min(top, std::max(0, height() - m_card->height())));
}

void StepChart::stepCursor(int points) {
  if (m_history->is_empty()) return;
  const auto last = static_cast<std::ptrdiff_t>(m_history->size()) - 1;
  const auto here = cursorRow();
  const auto next = here ? std::clamp(static_cast<std::ptrdiff_t>(*here) + points, std::ptrdiff_t(0), last) : last;
  setCursor(m_history->step(std::size_t(next)), true);
  Q_EMIT cursorMoved(m_cursor);
}

QString StepChart::cursorText() const {
  const auto row = cursorRow();
  if (!row) return {};
  QString names = QStringLiteral("step"), values = QString::number(*m_cursor, 'f', 0);
  for (std::size_t i = 0; i < m_lines.size(); ++i) {
    if (!m_visible[i]) continue;
    names += u'\t' + m_lines[i].name;
    values += u'\t' + QString::number(m_series[i].value(*row), 'g', exactDigits);
  }
  return names + u'\n' + values;
}

std::optional<double> StepChart::markNear(const QPointF& position) const {
  if (!m_bandsVisible || m_compact) return std::nullopt;
  const std::vector<bool> drawn = m_bands->drawnMarks();
  std::optional<double> step;
  double nearest = 2 * markReach;
  for (std::size_t mark = drawn.size(); mark > 0; --mark) {
    const double distance = (m_bands->markPosition(mark - 1) - position).manhattanLength();
    if (!drawn[mark - 1] || distance > nearest || (step && distance == nearest)) continue;
    nearest = distance;
    step = m_bands->marks()[mark - 1].step;
  }
  return step;
}

void StepChart::keyPressEvent(QKeyEvent* event) {
  const int stride = event->modifiers() & Qt::ShiftModifier ? 10 : 1;
  const double centre = m_cursor ? position(*m_cursor) : m_plot->xAxis->range().center();
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
  else if (event->key() == Qt::Key_T && event->modifiers() == Qt::NoModifier)
    Q_EMIT tableRequested();
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
