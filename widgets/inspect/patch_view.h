// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QImage>
#include <QWidget>
#include <vector>

#include "core/image/maps.h"

namespace llavakd {

/// The picture as the tower sees it, with one patch's relations laid over it. Patches without a visual token, and
/// everything where a model has no relations, are hatched. A click or the arrow keys choose the patch.
class PatchView : public QWidget {
  Q_OBJECT

 public:
  explicit PatchView(const QString& title, QWidget* parent = nullptr);
  /// A null picture is shown as hatched with `why`. `padded`: the picture is enlarged to a square rather than
  /// stretched.
  void setPicture(const QImage& picture, bool padded, const QString& why = {});
  void setGrid(int rows, int columns, int firstPatch);
  /// Relations of the chosen token to each token; empty: `why` is written over the picture.
  void setRelations(std::vector<float> relations, const ColourScale& scale, const QString& why = {});
  void setChosenPatch(int row, int column);
  void setHoveredPatch(int row, int column);
  void setOpacity(double opacity);
  void setGridVisible(bool visible);
  /// Middle of a patch on this widget.
  QPointF positionOf(int row, int column) const;

  QSize sizeHint() const override { return {220, 220}; }
  QSize minimumSizeHint() const override { return {110, 110}; }
  bool hasHeightForWidth() const override { return true; }
  int heightForWidth(int width) const override { return width; }

 Q_SIGNALS:
  void patchChosen(int row, int column);
  void patchHovered(int row, int column);
  void moveAsked(int rows, int columns);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  QRectF square() const;
  QRectF patchArea(int row, int column) const;
  QPoint patchAt(const QPointF& position) const;
  void paintPicture(QPainter& painter, const QRectF& area) const;

  QImage m_picture;
  bool m_padded = false, m_gridVisible = false;
  QString m_noPicture, m_noRelations;
  int m_rows = 0, m_columns = 0, m_firstPatch = 0;
  std::vector<float> m_relations;
  ColourScale m_scale;
  QPoint m_chosen{-1, -1}, m_hovered{-1, -1};
  double m_opacity = 0.6;
};

}  // namespace llavakd
