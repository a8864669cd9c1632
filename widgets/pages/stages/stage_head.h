// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>

class QAction;
class QCheckBox;
class QLineEdit;
class QMenu;
class QToolButton;

namespace llavakd {

/// The head of a stage's card: its name, which can be typed over, whether it runs, and what can be done with it as a
/// whole. The whole card listens to the keys.
class StageHead : public QWidget {
  Q_OBJECT

 public:
  /// Adds its actions with their keys to `card`.
  explicit StageHead(QWidget* card);
  void setStage(const QString& name, bool scheduled, bool onlyOne);
  /// Which of the moves are possible.
  void setPlace(int index, int count);
  /// Whether the card can be folded to its head, and whether it is.
  void setFolding(bool foldable, bool folded);
  /// Takes back a name that can't be.
  void restoreName();

  QLineEdit* name() const { return m_name; }
  QCheckBox* scheduled() const { return m_scheduled; }
  QMenu* menu() const { return m_menu; }

 Q_SIGNALS:
  void renamed(const QString& name);
  void scheduleChanged(bool scheduled);
  /// By -1 or 1.
  void moveRequested(int by);
  void copyRequested();
  void removeRequested();
  void unfoldRequested();
  void gateRequested();

 private:
  void makeMenu(QWidget* card);
  QString m_shownName;
  QLineEdit* m_name;
  QCheckBox* m_scheduled;
  QToolButton *m_fold, *m_earlier, *m_later, *m_more;
  QMenu* m_menu;
  QAction *m_moveEarlier, *m_moveLater;
};

}  // namespace llavakd
