// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QPen>
#include <QStringList>
#include <QWidget>
#include <vector>

namespace llavakd {

/// One line of a ValueCard: the line's sample, its name, the value at the crosshair and, when smoothing, its average.
struct ValueRow {
  QPen pen;
  QString name, value, average;
};

/// The card next to a crosshair: a heading and one row a line. Where lines are smoothed, the columns of values and
/// averages have titles, with the crosshair's dot and ring before them. Paints over its parent and takes no mouse
/// events.
class ValueCard : public QWidget {
  Q_OBJECT

 public:
  explicit ValueCard(QWidget* parent);
  void show(const QString& heading, const std::vector<ValueRow>& rows);
  /// Titles of the columns of numbers; none where there is one alone.
  QStringList columnTitles() const;

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  void layOut();

  QString m_heading;
  std::vector<ValueRow> m_rows;
  int m_nameWidth = 0, m_valueWidth = 0, m_averageWidth = 0;
};

}  // namespace llavakd
