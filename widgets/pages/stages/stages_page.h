// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QTimer>
#include <QWidget>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include "widgets/frame/page.h"

class QBoxLayout;
class QPushButton;
class QScrollArea;

namespace llavakd {

class InlineMessage;
class StageArrow;
class StageCard;

/// The stages as cards with arrows between them, which can be added, copied, moved, renamed and removed; under each
/// other, and one of them open, where the window is too narrow for a row.
class StagesPage : public QWidget {
  Q_OBJECT

 public:
  static PageDescriptor descriptor();
  /// The page compares its values with those of the run.
  StagesPage(ProjectDocument* document, RunWatcher* run, QWidget* parent = nullptr);
  InlineMessage* runMessage() const { return m_runMessage; }
  const std::vector<StageCard*>& cards() const { return m_cards; }
  InlineMessage* message() const { return m_message; }
  /// Gives the keyboard to a field of a stage ("learning_rate"), and brings it into sight.
  void showField(int stage, const QString& field);
  /// Opens what must hold at the stage's end.
  void editGate(int stage);

 Q_SIGNALS:
  /// The user wants to see the samples of this stage.
  void samplesRequested(const QString& stage);

 protected:
  void resizeEvent(QResizeEvent* event) override;
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dragMoveEvent(QDragMoveEvent* event) override;
  void dropEvent(QDropEvent* event) override;
  void connectNotify(const QMetaMethod& signal) override;
  void showEvent(QShowEvent* event) override;

 private:
  QBoxLayout* makeHead();
  void makeEmptyState(QBoxLayout* column);
  void takeProject();
  void refresh();
  void refreshFacts();
  void addCard(int index);
  void removeLastCard();
  void arrange();
  bool followOpenStage();
  void unfold(int index);
  void addStage();
  void moveCard(int from, int to);
  int placeAt(const QPoint& position) const;
  void showFaults();
  void showRun();
  void showCheckpoint();

  ProjectDocument* m_document;
  RunWatcher* m_run;
  InlineMessage *m_message, *m_runMessage;
  QPushButton* m_add;
  QWidget* m_empty;
  QScrollArea* m_area;
  QBoxLayout* m_row;
  std::vector<StageCard*> m_cards;
  std::vector<StageArrow*> m_arrows;  ///< Before each card but the first.
  QString m_path;
  bool m_stacked = false;
  int m_open = 0;           ///< The unfolded card while they are stacked; -1: none.
  std::string m_openStage;  ///< Its stage.

  /// Cards that are made as long as nobody sees them.
  std::size_t m_most = std::numeric_limits<std::size_t>::max();
  QTimer m_oneMore;
};

}  // namespace llavakd
