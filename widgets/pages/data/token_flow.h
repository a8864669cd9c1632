// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <QWidget>
#include <vector>

#include "widgets/pages/data/sample_details.h"

class QPainter;

namespace llavakd {

/// The tokens of a sample as words on lines, each on the colour of its use; a picture is one cell. Arrow keys, Home and
/// End move from token to token, Ctrl+C copies them as a table.
class TokenFlow : public QWidget {
  Q_OBJECT

 public:
  explicit TokenFlow(QWidget* parent = nullptr);
  void setSample(const SampleOfModel& sample);

  int cellCount() const { return int(m_cells.size()); }
  /// The cell that is chosen, from 0.
  int currentCell() const { return m_current; }
  void setCurrentCell(int cell);
  /// What is known of a cell: position, id, text, use, and what reads it.
  QString describe(int cell) const;
  QRect cellRect(int cell) const { return m_cells[size_t(cell)].rect; }

  bool hasHeightForWidth() const override { return true; }
  int heightForWidth(int width) const override;
  QSize sizeHint() const override;

 Q_SIGNALS:
  void currentCellChanged(int cell);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  bool event(QEvent* event) override;

 private:
  struct Cell {
    TokenUse use = TokenUse::prompt;
    int64_t begin = 0, end = 0;
    QString text;  ///< As it is drawn.
    bool picture = false;
    QRect rect = {};
  };
  void makeCells();
  /// Places the cells for a width; returns the height.
  int layOut(std::vector<Cell>& cells, int width) const;
  void paintCell(QPainter& painter, const Cell& cell, bool current) const;
  int cellAt(const QPoint& point) const;
  int cellBelow(int lines) const;
  /// The token as the vocabulary writes it; of several, what is drawn.
  QString pieceOf(const Cell& cell) const;
  QString readersOf(int64_t position) const;
  void copyAll() const;

  SampleOfModel m_sample;
  std::vector<Cell> m_cells;
  int m_current = 0;
};

}  // namespace llavakd
