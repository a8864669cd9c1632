// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>

namespace llavakd {

/// A square of cells in rows and columns. Tells which cell the pointer is on, which one is clicked or dragged over, and
/// which way an arrow key points.
class SquareView : public QWidget {
  Q_OBJECT

 public:
  explicit SquareView(const QString& title, QWidget* parent = nullptr);
  /// Middle of a cell on this widget.
  virtual QPointF positionOf(int row, int column) const = 0;

  bool hasHeightForWidth() const override { return true; }
  int heightForWidth(int width) const override { return width; }

 Q_SIGNALS:
  void chosen(int row, int column);
  /// -1, -1: the pointer has left.
  void hovered(int row, int column);
  void moveAsked(int rows, int columns);

 protected:
  /// x: column, y: row; -1 where there is no cell.
  virtual QPoint cellAt(const QPointF& position) const = 0;
  QRectF square() const;
  /// The line around the square, in the accent's colour while the keyboard is here.
  void paintFrame(QPainter& painter) const;
  /// A light line on a dark one, which is seen on every colour.
  static void paintOutline(QPainter& painter, const QRectF& area, double width);

  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
};

}  // namespace llavakd
