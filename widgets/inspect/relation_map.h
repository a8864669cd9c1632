// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QImage>
#include <QWidget>

namespace llavakd {

/// A relation matrix as a square picture, one cell a pair of visual tokens. Shows the row of the chosen token, and
/// tells which cell the pointer is on. A click chooses the cell's row; arrow keys ask for a neighbouring patch.
class RelationMap : public QWidget {
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
  /// Middle of a cell on this widget.
  QPointF positionOf(int row, int column) const;

  QSize sizeHint() const override { return {260, 260}; }
  QSize minimumSizeHint() const override { return {96, 96}; }
  bool hasHeightForWidth() const override { return true; }
  int heightForWidth(int width) const override { return width; }

 Q_SIGNALS:
  void tokenChosen(int token);
  void hovered(int row, int column);
  void moveAsked(int rows, int columns);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  QRectF square() const;
  QPoint cellAt(const QPointF& position) const;

  QString m_why;
  QImage m_map;
  int m_chosen = -1;
  QPoint m_hovered{-1, -1};
};

/// Which way an arrow key points in rows and columns; nothing for other keys.
bool arrowOf(int key, int& rows, int& columns);

}  // namespace llavakd
