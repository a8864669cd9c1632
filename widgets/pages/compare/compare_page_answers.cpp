// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// What ComparePage asks, and under what it shows the answers.
#include <QComboBox>
#include <QLineEdit>
#include <QPointer>

#include "widgets/document/conversions.h"
#include "widgets/document/project_document.h"
#include "widgets/pages/compare/compare_page.h"
#include "widgets/shared/picture_view.h"
#include "widgets/run/run_watcher.h"
#include "widgets/run/serve_client.h"
#include "widgets/theme/action_button.h"
#include "widgets/theme/parts.h"

namespace llavakd {
namespace {

// What the answers depend on apart from the question: the rest of a project may change under them.
bool answersAlike(const Project& a, const Project& b) {
  return a.teacher == b.teacher && a.student == b.student && a.image == b.image &&
         a.conversation_template == b.conversation_template && a.run.seed == b.run.seed &&
         a.run.precision == b.run.precision && a.run.device == b.run.device;
}

}  // namespace

void ComparePage::ask() {
  if (isBusy() || m_question->text().trimmed().isEmpty() || m_document->path().isEmpty()) return;
  m_chosenIsGone = false;
  if (refuseUnsaved()) return;
  m_serve->setProjectFile(m_document->path());
  m_served = m_document->project();
  if (!m_document->project().teacher.checkpoint.empty())
    m_questions.ask(questionTo(m_teacher));
  else
    m_questions.refuse(questionTo(m_teacher), tr("The project has no teacher."));
  m_questions.ask(questionTo(m_student));
  showAnswers();
  showBusy();
}

// The engine reads the file.
bool ComparePage::refuseUnsaved() {
  m_message->dismiss();
  if (answersAlike(m_document->project(), m_document->savedProject())) return false;
  m_message->showMessage(InlineMessage::Kind::warning, tr("Changes of the models or of how they run aren't saved yet."),
                         tr("Save and ask"), [this] {
                           m_document->save([self = QPointer(this)](bool saved) {
                             if (saved && self) self->ask();
                           });
                         });
  return true;
}

void ComparePage::askForMore(const AnswerCard* card) {
  if (isBusy()) return;
  m_questions.askForMore(questionTo(card));
  showAnswers();
  showBusy();
}

std::string ComparePage::questionTo(const AnswerCard* card) const {
  const auto who = card == m_teacher ? theme::Who::teacher : theme::Who::student;
  const QString checkpoint = m_checkpoints->currentData().toString();
  return AskedQuestions::question(
      who, checkpoint.isEmpty() ? QString() : QStringLiteral("%1/%2/model").arg(m_run->runFolder(), checkpoint),
      m_picture->file(), m_question->text());
}

void ComparePage::showAnswers() {
  showAnswer(m_teacher, &m_shownTeacher);
  showAnswer(m_student, &m_shownStudent);
  m_teacher->compareWith(*m_student);
  m_student->compareWith(*m_teacher);
}

void ComparePage::showAnswer(AnswerCard* card, std::string* shown) {
  const std::string question = questionTo(card);
  const GivenAnswer* given = m_questions.answer(question);
  const QString why = m_questions.whyNone(question);
  const bool waiting = m_questions.isWaiting(question);
  const std::string state = question + (waiting ? "…" : "") + (given ? "!" : "") + why.toStdString();
  if (state == *shown) return;
  *shown = state;
  if (given)
    card->setAnswer(*given, why);
  else if (waiting || why.isEmpty())
    card->clear();
  else
    card->setFailure(why);
  if (waiting) card->setWaiting(tr("Thinking…"));
}

void ComparePage::cancel() {
  m_questions.cancel();
}

// A run that was resumed may write a checkpoint of the same name once more: that is another student.
void ComparePage::leaveRewritten(const std::vector<Event>& events) {
  std::map<QString, double> newest;
  for (const Event& event : events)
    if (const auto* saved = event.as<CheckpointEvent>())
      newest[m_run->runFolder() + QLatin1Char('/') + toQString(saved->path)] = event.time;
  bool rewritten = false;
  for (const auto& [folder, time] : newest) {
    const auto known = m_written.find(folder);
    rewritten |= known != m_written.end() && known->second != time;
    m_written[folder] = time;
  }
  if (rewritten) m_questions.forget();
}

// The engine keeps the models that it has read, and no answer is shown under models that didn't give it.
void ComparePage::leaveOtherModels() {
  if (answersAlike(m_document->project(), m_document->savedProject())) m_message->dismiss();
  if (!answersAlike(m_document->project(), m_served)) m_questions.forget();
}

void ComparePage::showBusy() {
  const bool busy = isBusy();
  m_cancel->setVisible(busy);
  m_ask->setVisible(!busy);
  m_ask->setEnabled(!m_question->text().trimmed().isEmpty());
  m_ask->setToolTip(m_ask->isEnabled() ? tr("Both models answer, the teacher first (Enter)")
                                       : tr("Write a question first"));
  m_checkpoints->setEnabled(!busy);
}

}  // namespace llavakd
