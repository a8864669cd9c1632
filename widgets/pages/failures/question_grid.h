// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QListView>

#include "widgets/pages/failures/question_model.h"

namespace llavakd {

/// The questions as pictures in rows, each with its outcome and its words. Keeps the chosen question while the filter
/// leaves it in.
class QuestionGrid : public QListView {
  Q_OBJECT

 public:
  explicit QuestionGrid(QuestionModel* model, QWidget* parent = nullptr);
  /// The chosen question; null: none.
  const AnsweredTwice* current() const { return m_current; }

 Q_SIGNALS:
  /// Another one was chosen; null: none.
  void chosen(const llavakd::AnsweredTwice* pair);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void currentChanged(const QModelIndex& current, const QModelIndex& previous) override;

 private:
  void keepCurrent();

  QuestionModel* m_model;
  const AnsweredTwice* m_current = nullptr;
  bool m_resetting = false;
};

}  // namespace llavakd
