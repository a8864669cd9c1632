// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>

#include "core/project/options.h"

class QToolButton;

namespace llavakd {

/// Between two cards, on the line of their titles, where the eye reads the order; with the gate between their stages.
class StageArrow : public QWidget {
  Q_OBJECT

 public:
  explicit StageArrow(QWidget* parent);
  /// To the card below, or to the next one in the row.
  void setDown(bool down);
  /// The stage before it, whose gate it is, and the one after.
  void setStages(const StageOptions& before, const StageOptions& after);

 Q_SIGNALS:
  void gateRequested();

 protected:
  void paintEvent(QPaintEvent*) override;
  void changeEvent(QEvent* event) override;

 private:
  void showIcon();
  bool m_down = false, m_hasGate = false;
  QToolButton* m_gate;
};

}  // namespace llavakd
