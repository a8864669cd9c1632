// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/theme/parts.h"

class QListView;
class QPushButton;
class QToolButton;

namespace llavakd {

class RunQueue;

/// The runs that wait for their turn: to reorder, to name, to take out, to hold.
class QueuePanel : public Card {
  Q_OBJECT

 public:
  /// The queue outlives the panel.
  explicit QueuePanel(RunQueue* queue, QWidget* parent = nullptr);

 private:
  void connectParts();
  void refresh();
  void chooseProject();
  int currentRow() const;
  void move(int by);
  void remove();

  RunQueue* m_queue;
  TextLabel* m_state;
  QListView* m_list;
  QToolButton *m_up, *m_down, *m_remove, *m_again, *m_add;
  QPushButton* m_hold;
};

}  // namespace llavakd
