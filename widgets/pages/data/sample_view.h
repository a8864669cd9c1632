// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QScrollArea>
#include <QStringList>

#include "widgets/pages/data/sample_details.h"
#include "widgets/theme/theme.h"

class QLabel;
class QToolButton;
class QVBoxLayout;

namespace llavakd {

class ElidedLabel;
class InlineMessage;
class SegmentStrip;
class TextLabel;
class TokenFlow;

/// One sample: what is wrong with it, its tokens and pictures as a model gets them, and its conversation.
class SampleView : public QScrollArea {
  Q_OBJECT

 public:
  explicit SampleView(QWidget* parent = nullptr);

  /// `fault`: why a run leaves it out; `sameNames`: other names of its picture.
  void showSample(const SampleDetails& details, const QString& fault, const QStringList& sameNames);
  /// An entry that can't be used, or a sample that can't be read.
  void showFault(const QString& title, const QString& where, const QString& fault);
  /// Nothing is chosen; the text says what to do.
  void showNothing(const QString& text);

  QString title() const;
  InlineMessage* message() const { return m_message; }
  TokenFlow* tokens() const { return m_tokens; }
  SegmentStrip* segments() const { return m_segments; }
  QToolButton* button(theme::Who who) const { return who == theme::Who::teacher ? m_teacher : m_student; }
  QString tokenText() const;
  QString modelText() const;

 private:
  QWidget* makeModelCard();
  QWidget* makeConversationCard();
  void showModel(theme::Who who);
  void showPictures(const SampleOfModel& seen, bool ofTeacher);
  void showTurns();
  void showToken(int cell);

  SampleDetails m_details;
  ElidedLabel* m_title;
  TextLabel *m_where, *m_hint, *m_modelText, *m_cut, *m_tokenText, *m_processor;
  InlineMessage* m_message;
  QToolButton *m_student, *m_teacher;
  SegmentStrip* m_segments;
  TokenFlow* m_tokens;
  QWidget *m_modelCard, *m_conversationCard, *m_pictures = nullptr, *m_turns = nullptr;
  QVBoxLayout *m_pictureColumn, *m_turnColumn;
};

}  // namespace llavakd
