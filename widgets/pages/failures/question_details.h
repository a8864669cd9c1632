// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>

#include "core/run/answer_pairs.h"

class QPushButton;

namespace llavakd {

class PictureView;
class TextLabel;

/// One question: its picture, its words, what was expected and what both models said.
class QuestionDetails : public QWidget {
  Q_OBJECT

 public:
  explicit QuestionDetails(QWidget* parent = nullptr);
  /// Null: none is chosen. `picture` is the file of its first picture, or empty.
  void setQuestion(const PairedAnswers* answers, const AnsweredTwice* pair, const QString& picture);
  /// Whether it can become a probe, or why not.
  void setProbe(bool possible, const QString& why);

  QPushButton* probeButton() const { return m_probe; }
  PictureView* picture() const { return m_picture; }
  QString questionText() const;
  QString referenceText() const;
  QString teacherText() const;
  QString studentText() const;

 Q_SIGNALS:
  void probeAsked();

 private:
  PictureView* m_picture;
  TextLabel *m_place, *m_question, *m_reference, *m_teacher, *m_student, *m_note;
  QPushButton* m_probe;
};

}  // namespace llavakd
