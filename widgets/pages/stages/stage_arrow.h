// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>

namespace llavakd {

/// Between two cards, on the line of their titles, where the eye reads the order.
class StageArrow : public QWidget {
 public:
  explicit StageArrow(QWidget* parent) : QWidget(parent) {}
  /// To the card below, or to the next one in the row.
  void setDown(bool down);

 protected:
  void paintEvent(QPaintEvent*) override;

 private:
  bool m_down = false;
};

}  // namespace llavakd
