// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>
#include <vector>

#include "widgets/pages/compare/asked_thread.h"

class QLineEdit;
class QToolButton;
class QVBoxLayout;

namespace llavakd {

class AnswerCard;
class AnswerGrid;
class TextLabel;

/// One ask in the thread: its pictures, its question, the answers of all its models, the right answer where it is
/// known, and the turns that followed.
class ThreadRow : public QWidget {
  Q_OBJECT

 public:
  explicit ThreadRow(const AskedRow& row, QWidget* parent = nullptr);
  /// The same row with what has come since.
  void setRow(const AskedRow& row);
  qint64 id() const { return m_id; }
  AnswerCard* card(int turn, int model) const;
  /// Puts what Tab reaches in the row into the order in which it is seen, after another widget; gives the last.
  QWidget* orderFocus(QWidget* before);
  int turns() const { return int(m_turns.size()); }

 Q_SIGNALS:
  void stopAsked();
  void removeAsked();
  /// The question and its pictures are wanted in the form above.
  void againAsked();
  void moreAsked(int model);
  void followUpAsked(const QString& question);

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  QWidget* makeHead(const AskedRow& row);
  QWidget* makeFoot();
  void addTurn(const AskedRow& row, int turn);
  void askOn();

  struct Turn {
    AnswerGrid* answers = nullptr;
  };
  qint64 m_id;
  std::vector<Turn> m_turns;
  QVBoxLayout* m_column;
  TextLabel* m_past;
  QToolButton *m_stop, *m_askOn;
  QLineEdit* m_followUp;
};

}  // namespace llavakd
