// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/inspect/square_view.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <algorithm>

#include "widgets/theme/theme.h"

namespace llavakd {

SquareView::SquareView(const QString& title, QWidget* parent) : QWidget(parent) {
  setAccessibleName(title);
  setMouseTracking(true);
  setFocusPolicy(Qt::StrongFocus);
  QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Preferred);
  policy.setHeightForWidth(true);
  setSizePolicy(policy);
}

QRectF SquareView::square() const {
  const double side = std::min(width(), height()) - 4.0;
  return QRectF((width() - side) / 2, 2, side, side);
}

void SquareView::paintFrame(QPainter& painter) const {
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setBrush(Qt::NoBrush);
  painter.setPen(hasFocus() ? QPen(theme::accent(), 2) : QPen(theme::border(), 1));
  painter.drawRect(square().adjusted(-1, -1, 1, 1));
}

void SquareView::paintOutline(QPainter& painter, const QRectF& area, double width) {
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(theme::outlineDark(), width + 2));
  painter.drawRect(area);
  painter.setPen(QPen(theme::outlineLight(), width));
  painter.drawRect(area);
}

void SquareView::mousePressEvent(QMouseEvent* event) {
  const QPoint cell = cellAt(event->position());
  if (event->button() == Qt::LeftButton && cell.x() >= 0) Q_EMIT chosen(cell.y(), cell.x());
}

void SquareView::mouseMoveEvent(QMouseEvent* event) {
  const QPoint cell = cellAt(event->position());
  Q_EMIT hovered(cell.y(), cell.x());
  if (event->buttons() & Qt::LeftButton && cell.x() >= 0) Q_EMIT chosen(cell.y(), cell.x());
}

void SquareView::leaveEvent(QEvent*) {
  Q_EMIT hovered(-1, -1);
}

void SquareView::keyPressEvent(QKeyEvent* event) {
  switch (event->key()) {
    case Qt::Key_Up:
      return Q_EMIT moveAsked(-1, 0);
    case Qt::Key_Down:
      return Q_EMIT moveAsked(1, 0);
    case Qt::Key_Left:
      return Q_EMIT moveAsked(0, -1);
    case Qt::Key_Right:
      return Q_EMIT moveAsked(0, 1);
    default:
      QWidget::keyPressEvent(event);
  }
}

}  // namespace llavakd
