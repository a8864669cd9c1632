// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QImage>
#include <vector>

#include "core/image/maps.h"
#include "widgets/pages/inspect/square_view.h"

namespace llavakd {

/// The picture as the tower sees it, with one patch's relations laid over it; it is grey under their colours, which
/// mean numbers. Patches without a visual token, and everything where a model has no relations, are hatched. A cell is
/// a patch.
class PatchView : public SquareView {
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
  QPointF positionOf(int row, int column) const override;
  /// Draws all but the keyboard's frame into a square; `hovered`: with the patch under the pointer.
  void paint(QPainter& painter, const QRectF& area, bool hovered) const;

  QSize sizeHint() const override { return {220, 220}; }
  QSize minimumSizeHint() const override { return {88, 88}; }

 protected:
  void paintEvent(QPaintEvent* event) override;
  QPoint cellAt(const QPointF& position) const override;

 private:
  QRectF patchArea(const QRectF& area, int row, int column) const;
  void paintPicture(QPainter& painter, const QRectF& area) const;
  void paintRelations(QPainter& painter, const QRectF& area) const;
  void paintPatchGrid(QPainter& painter, const QRectF& area) const;

  QImage m_picture, m_grey;
  bool m_padded = false, m_gridVisible = false;
  QString m_noPicture, m_noRelations;
  int m_rows = 0, m_columns = 0, m_firstPatch = 0;
  std::vector<float> m_relations;
  ColourScale m_scale;
  QPoint m_chosen{-1, -1}, m_hovered{-1, -1};
  double m_opacity = 0.6;
};

}  // namespace llavakd
