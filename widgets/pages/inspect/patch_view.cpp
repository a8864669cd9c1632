// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/inspect/patch_view.h"

#include <QPainter>
#include <algorithm>
#include <cmath>

#include "widgets/shared/pictures.h"
#include "widgets/theme/theme.h"

namespace llavakd {

PatchView::PatchView(const QString& title, QWidget* parent) : SquareView(title, parent) {
  setToolTip(
      tr("Click a patch, or move it with the arrow keys: the colours say how strongly the model relates it to "
         "every other patch."));
}

void PatchView::setPicture(const QImage& picture, bool padded, const QString& why) {
  m_picture = picture;
  m_grey = picture.convertToFormat(QImage::Format_Grayscale8);
  m_padded = padded;
  m_noPicture = why;
  update();
}

void PatchView::setGrid(int rows, int columns, int firstPatch) {
  m_rows = rows;
  m_columns = columns;
  m_firstPatch = firstPatch;
  update();
}

void PatchView::setRelations(std::vector<float> relations, const ColourScale& scale, const QString& why) {
  m_relations = std::move(relations);
  m_scale = scale;
  m_noRelations = why;
  update();
}

void PatchView::setChosenPatch(int row, int column) {
  m_chosen = {column, row};
  update();
}

void PatchView::setHoveredPatch(int row, int column) {
  m_hovered = {column, row};
  update();
}

void PatchView::setOpacity(double opacity) {
  m_opacity = opacity;
  update();
}

void PatchView::setGridVisible(bool visible) {
  m_gridVisible = visible;
  update();
}

QRectF PatchView::patchArea(const QRectF& area, int row, int column) const {
  const double width = area.width() / std::max(1, m_columns), height = area.height() / std::max(1, m_rows);
  return QRectF(area.left() + column * width, area.top() + row * height, width, height);
}

QPointF PatchView::positionOf(int row, int column) const {
  return patchArea(square(), row, column).center();
}

QPoint PatchView::cellAt(const QPointF& position) const {
  const QRectF area = square();
  if (m_rows < 1 || m_columns < 1 || !area.contains(position)) return {-1, -1};
  return {std::clamp(int((position.x() - area.left()) / area.width() * m_columns), 0, m_columns - 1),
          std::clamp(int((position.y() - area.top()) / area.height() * m_rows), 0, m_rows - 1)};
}

void PatchView::paintPicture(QPainter& painter, const QRectF& area) const {
  if (m_picture.isNull()) return paintHatched(painter, area, m_noPicture);
  const QImage& shown = m_relations.empty() ? m_picture : m_grey;
  painter.setRenderHint(QPainter::SmoothPixmapTransform);
  if (!m_padded) return painter.drawImage(area, shown);
  painter.fillRect(area, theme::imagePadding());
  const QSizeF size = QSizeF(shown.size()).scaled(area.size(), Qt::KeepAspectRatio);
  painter.drawImage(QRectF(area.center() - QPointF(size.width() / 2, size.height() / 2), size), shown);
}

void PatchView::paintRelations(QPainter& painter, const QRectF& area) const {
  if (m_relations.empty()) {
    if (m_noRelations.isEmpty()) return;
    painter.setOpacity(0.75);
    paintHatched(painter, area, m_noRelations);
    return painter.setOpacity(1);
  }
  for (int row = 0; row < m_rows; ++row)
    for (int column = 0; column < m_columns; ++column) {
      const int token = row * m_columns + column - m_firstPatch;
      const QRectF patch = patchArea(area, row, column);
      if (token < 0 || token >= int(m_relations.size()) || !std::isfinite(m_relations[std::size_t(token)])) {
        painter.setOpacity(std::max(0.5, m_opacity));
        paintHatched(painter, patch);
        continue;
      }
      const Rgb color = colour_of(m_relations[std::size_t(token)], m_scale);
      painter.setOpacity(m_opacity);
      painter.fillRect(patch, QColor(color.red, color.green, color.blue));
    }
  painter.setOpacity(1);
}

void PatchView::paintPatchGrid(QPainter& painter, const QRectF& area) const {
  if (!m_gridVisible || m_rows < 1) return;
  painter.setPen(QPen(theme::patchGrid(), 1));
  for (int row = 1; row < m_rows; ++row)
    painter.drawLine(patchArea(area, row, 0).topLeft(), patchArea(area, row, m_columns - 1).topRight());
  for (int column = 1; column < m_columns; ++column)
    painter.drawLine(patchArea(area, 0, column).topLeft(), patchArea(area, m_rows - 1, column).bottomLeft());
}

void PatchView::paint(QPainter& painter, const QRectF& area, bool hovered) const {
  paintPicture(painter, area);
  paintRelations(painter, area);
  paintPatchGrid(painter, area);
  const auto frame = [&](const QPoint& patch, double width) {
    if (patch.x() < 0 || patch.x() >= m_columns || patch.y() >= m_rows) return;
    paintOutline(painter, patchArea(area, patch.y(), patch.x()), width);
  };
  if (hovered) frame(m_hovered, 1);
  frame(m_chosen, 2);
}

void PatchView::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  paint(painter, square(), true);
  paintFrame(painter);
}

}  // namespace llavakd
