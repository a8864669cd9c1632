// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/inspect/relation_map.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <algorithm>

#include "widgets/inspect/pictures.h"
#include "widgets/theme/theme.h"

namespace llavakd {

bool arrowOf(int key, int& rows, int& columns) {
  rows = key == Qt::Key_Up ? -1 : key == Qt::Key_Down ? 1 : 0;
  columns = key == Qt::Key_Left ? -1 : key == Qt::Key_Right ? 1 : 0;
  return rows != 0 || columns != 0;
}

RelationMap::RelationMap(const QString& title, QWidget* parent) : QWidget(parent) {
  setAccessibleName(title);
  setMouseTracking(true);
  setFocusPolicy(Qt::StrongFocus);
  QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Preferred);
  policy.setHeightForWidth(true);
  setSizePolicy(policy);
  setToolTip(
      tr("Each cell says how strongly two visual tokens are related. Click a cell to lay its row over the pictures; "
         "arrow keys move the patch."));
}

void RelationMap::setMap(const QImage& map, const QString& why) {
  m_map = map;
  m_why = why;
  update();
}

void RelationMap::setChosen(int token) {
  m_chosen = token;
  update();
}

void RelationMap::setHovered(int row, int column) {
  m_hovered = {column, row};
  update();
}

QRectF RelationMap::square() const {
  const double side = std::min(width(), height()) - 4.0;
  return QRectF((width() - side) / 2, 2, side, side);
}

QPointF RelationMap::positionOf(int row, int column) const {
  const QRectF area = square();
  const double cell = area.width() / std::max(1, m_map.width());
  return area.topLeft() + QPointF((column + 0.5) * cell, (row + 0.5) * cell);
}

QPoint RelationMap::cellAt(const QPointF& position) const {
  const QRectF area = square();
  if (m_map.isNull() || !area.contains(position)) return {-1, -1};
  const QPointF inside = (position - area.topLeft()) * m_map.width() / area.width();
  return {std::clamp(int(inside.x()), 0, m_map.width() - 1), std::clamp(int(inside.y()), 0, m_map.height() - 1)};
}

void RelationMap::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const QRectF area = square();
  if (m_map.isNull()) {
    paintHatched(painter, area, m_why);
  } else {
    // Cells larger than a pixel keep their edges; a map larger than its place is averaged.
    painter.setRenderHint(QPainter::SmoothPixmapTransform, m_map.width() > area.width() * devicePixelRatioF());
    painter.drawImage(area, m_map);
    const double cell = area.width() / m_map.width();
    painter.setRenderHint(QPainter::Antialiasing, cell < 3);
    if (m_chosen >= 0 && m_chosen < m_map.height()) {
      // A light line on a dark one is seen on every colour of the scales.
      const QRectF row(area.left(), area.top() + m_chosen * cell, area.width(), cell);
      const QRectF frame = row.adjusted(-0.5, -1, 0.5, 1);
      painter.setBrush(Qt::NoBrush);
      painter.setPen(QPen(Qt::black, 3));
      painter.drawRect(frame);
      painter.setPen(QPen(Qt::white, 1));
      painter.drawRect(frame);
    }
    if (m_hovered.x() >= 0) {
      const QPointF middle = positionOf(m_hovered.y(), m_hovered.x());
      const double side = std::max(cell, 7.0);
      const QRectF box(middle - QPointF(side / 2, side / 2), QSizeF(side, side));
      painter.setPen(QPen(Qt::black, 3));
      painter.drawRect(box);
      painter.setPen(QPen(Qt::white, 1));
      painter.drawRect(box);
    }
  }
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setBrush(Qt::NoBrush);
  painter.setPen(hasFocus() ? QPen(theme::accent(), 2) : QPen(theme::border(), 1));
  painter.drawRect(area.adjusted(-1, -1, 1, 1));
}

void RelationMap::mousePressEvent(QMouseEvent* event) {
  const QPoint cell = cellAt(event->position());
  if (event->button() == Qt::LeftButton && cell.x() >= 0) Q_EMIT tokenChosen(cell.y());
}

void RelationMap::mouseMoveEvent(QMouseEvent* event) {
  const QPoint cell = cellAt(event->position());
  Q_EMIT hovered(cell.y(), cell.x());
  if (event->buttons() & Qt::LeftButton && cell.x() >= 0) Q_EMIT tokenChosen(cell.y());
}

void RelationMap::leaveEvent(QEvent*) {
  Q_EMIT hovered(-1, -1);
}

void RelationMap::keyPressEvent(QKeyEvent* event) {
  int rows = 0, columns = 0;
  if (arrowOf(event->key(), rows, columns))
    Q_EMIT moveAsked(rows, columns);
  else
    QWidget::keyPressEvent(event);
}

}  // namespace llavakd
