// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QImage>

#include "widgets/pages/inspect/square_view.h"

namespace llavakd {

/// A relation matrix as a square picture, one cell a pair of visual tokens. Shows the row of the chosen token.
class RelationMap : public SquareView {
  Q_OBJECT

 public:
  explicit RelationMap(const QString& title, QWidget* parent = nullptr);
  /// `map`: one pixel a cell. An empty one is shown as hatched with `why`.
  void setMap(const QImage& map, const QString& why = {});
  bool hasMap() const { return !m_map.isNull(); }
  QString emptyText() const { return m_why; }
  void setChosen(int token);
  /// The cell that is pointed at, here or on a linked map; -1: none.
  void setHovered(int row, int column);
  QPointF positionOf(int row, int column) const override;

  QSize sizeHint() const override { return {260, 260}; }
  /// Higher than wide: in the least window a map gets a few pixels more than its least width, and is as high.
  QSize minimumSizeHint() const override { return {64, 88}; }

 protected:
  void paintEvent(QPaintEvent* event) override;
  QPoint cellAt(const QPointF& position) const override;

 private:
  QString m_why;
  QImage m_map;
  int m_chosen = -1;
  QPoint m_hovered{-1, -1};
};

}  // namespace llavakd
