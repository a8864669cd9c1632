// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QStringList>
#include <QWidget>
#include <map>
#include <string>
#include <vector>

#include "core/project/options.h"
#include "widgets/frame/page.h"
#include "widgets/pages/compare/answer_card.h"
#include "widgets/pages/compare/asked_questions.h"
#include "widgets/shared/probe_history.h"

class QComboBox;
class QLineEdit;
class QStackedWidget;
class QToolButton;

namespace llavakd {

class ActionButton;
class InlineMessage;
class PictureStrip;
class PictureView;
class TextLabel;

/// The Compare page: one picture, one question, the teacher's and the student's answer side by side. An answer
/// shows only under the picture, question and checkpoint that it was given to, and again when they are chosen again.
class ComparePage : public QWidget {
  Q_OBJECT

 public:
  static PageDescriptor descriptor();
  /// `serve` answers.
  ComparePage(ProjectDocument* document, RunWatcher* run, ServeClient* serve, QWidget* parent = nullptr);

  AnswerCard* teacher() const { return m_teacher; }
  AnswerCard* student() const { return m_student; }
  InlineMessage* message() const { return m_message; }
  PictureStrip* strip() const { return m_strip; }
  PictureView* picture() const { return m_picture; }
  QLineEdit* question() const { return m_question; }
  QComboBox* checkpoints() const { return m_checkpoints; }
  QToolButton* removeButton() const { return m_remove; }
  bool isBusy() const { return m_questions.isBusy(); }

 public Q_SLOTS:
  void ask();
  void cancel();
  void addPictures(const QStringList& files);

 protected:
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;

 private:
  QWidget* makeContent();
  QWidget* makeRight();
  void connectParts();
  void connectDocument();
  void connectRun();
  void takeProject();
  void showPictures();
  void choosePicture(int row);
  void showRemovable();
  void removePicture();
  void showExamples();
  void showCheckpoints();
  void showBusy();
  void showAnswers();
  void showAnswer(AnswerCard* card, std::string* shown);
  std::string questionTo(const AnswerCard* card) const;
  void askForMore(const AnswerCard* card);
  bool refuseUnsaved();
  void leaveOtherModels();
  void leaveRewritten(const std::vector<Event>& events);

  ProjectDocument* m_document;
  RunWatcher* m_run;
  ServeClient* m_serve;
  AskedQuestions m_questions;
  ProbeHistory m_history;
  QStringList m_added;                  ///< Pictures beyond the project's probes.
  std::map<QString, double> m_written;  ///< When each checkpoint was written that is known by its folder.
  std::string m_shownTeacher, m_shownStudent;
  Project m_served;             ///< As it was when the engine read it.
  bool m_chosenIsGone = false;  ///< With its run; the newest checkpoint of the next one takes its place.
  bool m_untouched = true;      ///< The question is the probe's own and follows the picture.
  QStackedWidget* m_stack;
  TextLabel* m_empty;
  InlineMessage* m_message;
  PictureStrip* m_strip;
  PictureView* m_picture;
  QLineEdit* m_question;
  QComboBox *m_examples, *m_checkpoints;
  ActionButton *m_ask, *m_cancel;
  QToolButton *m_add, *m_remove;
  AnswerCard *m_teacher, *m_student;
};

}  // namespace llavakd
