// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QStringList>
#include <QWidget>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <variant>

#include "core/project/options.h"
#include "widgets/document/newest_request.h"
#include "widgets/frame/page.h"
#include "widgets/pages/compare/answer_card.h"
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
  bool isBusy() const { return !m_waiting.empty(); }

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
  void showPictures();
  void showExamples();
  void showCheckpoints();
  void showBusy();
  void showAnswers();
  void showAnswer(AnswerCard* card, std::string* shown);
  /// What is asked of a card's model, which is also what its answer is known by.
  std::string questionTo(const AnswerCard* card) const;
  void askModel(AnswerCard* card);
  void takeAnswer(const std::string& question, const nlohmann::json& result, const QString& error);
  void leaveOtherModels();
  void forgetAnswers();

  ProjectDocument* m_document;
  RunWatcher* m_run;
  ServeClient* m_serve;
  ProbeHistory m_history;
  QStringList m_added;  ///< Pictures beyond the project's probes.
  /// By question: the answer, or why there is none.
  std::map<std::string, std::variant<GivenAnswer, QString>> m_answers;
  std::set<std::string> m_waiting;  ///< Questions under way.
  std::string m_shownTeacher, m_shownStudent;
  Project m_served;  ///< As it was when the engine read it.
  Project m_saved;   ///< As it is on disk.
  NewestRequest m_asked;
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
  QToolButton* m_add;
  AnswerCard *m_teacher, *m_student;
};

}  // namespace llavakd
