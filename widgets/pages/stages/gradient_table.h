// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>
#include <string>
#include <vector>

#include "core/run/gradient_shares.h"

namespace llavakd {

/// Each term's share of the total's gradient as a bar with its number, and under them the cosines between the terms'
/// gradients as a matrix of coloured numbers.
class GradientTable : public QWidget {
  Q_OBJECT

 public:
  explicit GradientTable(QWidget* parent = nullptr);

  /// `terms`: names in the catalog; `products` [terms × terms] and `weights` as gradient_shares() takes them.
  void setGradients(const std::vector<std::string>& terms, const std::vector<double>& products,
                    const std::vector<double>& weights);
  /// Drawn pale: the numbers are of another state of the project.
  void setOutdated(bool outdated);
  bool isOutdated() const { return m_outdated; }
  const GradientShares& shares() const { return m_shares; }

  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

 protected:
  void paintEvent(QPaintEvent*) override;
  bool event(QEvent* event) override;

 private:
  /// All numbers as sentences, for who hears them.
  QString described() const;
  QString label(int term) const;
  int rowHeight() const;
  int numbersWidth() const;
  int labelWidth() const;
  QRect shareRow(int term) const;
  QRect cosineCell(int row, int column) const;
  void paintLabel(QPainter& painter, const QRect& row, int term) const;
  void paintShares(QPainter& painter) const;
  void paintCosines(QPainter& painter) const;

  std::vector<std::string> m_terms;
  std::vector<double> m_norms, m_cosines, m_weights;
  GradientShares m_shares;
  bool m_outdated = false;
};

}  // namespace llavakd
