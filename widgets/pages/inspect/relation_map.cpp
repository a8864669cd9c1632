// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/inspect/relation_map.h"

#include <QPainter>
#include <algorithm>

#include "widgets/shared/pictures.h"
#include "widgets/theme/theme.h"

namespace llavakd {

RelationMap::RelationMap(const QString& title, QWidget* parent) : SquareView(title, parent) {
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
      const QRectF row(area.left(), area.top() + m_chosen * cell, area.width(), cell);
      paintOutline(painter, row.adjusted(-0.5, -1, 0.5, 1), 1);
    }
    if (m_hovered.x() >= 0) {
      const QPointF middle = positionOf(m_hovered.y(), m_hovered.x());
      const double side = std::max(cell, 7.0);
      paintOutline(painter, QRectF(middle - QPointF(side / 2, side / 2), QSizeF(side, side)), 1);
    }
  }
  paintFrame(painter);
}

}  // namespace llavakd
