// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QList>
#include <QWidget>

#include "widgets/pages/failures/question_model.h"

class QComboBox;
class QLineEdit;

namespace llavakd {

class OutcomeChip;
class TextLabel;

/// Which questions are listed: groups as chips with their counts, types, words, and the picture that the map has
/// chosen. The counts are those that the other filters leave.
class QuestionFilterBar : public QWidget {
  Q_OBJECT

 public:
  explicit QuestionFilterBar(QuestionModel* model, QWidget* parent = nullptr);
  /// After other answers: their types, and no filter but the group.
  void showAnswers();
  /// Lists the questions about one picture; empty: of all.
  void setPicture(const QString& image);

  QList<OutcomeChip*> chips() const { return m_chips; }
  QComboBox* types() const { return m_types; }
  QLineEdit* words() const { return m_words; }
  QString summary() const;

 Q_SIGNALS:
  void filterChanged();

 private:
  void apply();
  void showCounts();

  QuestionModel* m_model;
  QList<OutcomeChip*> m_chips;
  QComboBox* m_types;
  QLineEdit* m_words;
  TextLabel* m_summary;
  QString m_image;
};

}  // namespace llavakd
