// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// What FailuresPage shows, asks for and gives to the project.
#include <QComboBox>
#include <QFileInfo>
#include <QPointer>
#include <QPushButton>
#include <QStackedWidget>

#include "core/base/name_list.h"
#include "widgets/document/conversions.h"
#include "widgets/document/project_document.h"
#include "widgets/pages/failures/extra_data.h"
#include "widgets/pages/failures/failures_page.h"
#include "widgets/pages/failures/picture_map_view.h"
#include "widgets/pages/failures/question_details.h"
#include "widgets/pages/failures/question_filter_bar.h"
#include "widgets/pages/failures/question_grid.h"
#include "widgets/run/run_watcher.h"
#include "widgets/theme/action_button.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/parts.h"

namespace llavakd {
namespace {

// What the answers depend on: the engine reads the file, and the rest of a project may differ from it.
bool asksAlike(const Project& a, const Project& b) {
  return a.teacher == b.teacher && a.evaluations == b.evaluations && a.image == b.image &&
         a.conversation_template == b.conversation_template && a.max_length == b.max_length &&
         a.run.precision == b.run.precision && a.run.device == b.run.device;
}

// Questions that aren't among those compared, or that come more than once.
QStringList setNotes(const PairedAnswers& answers) {
  QStringList notes;
  const auto add = [&](const std::vector<std::string>& ids, const QString& text) {
    if (!ids.empty()) notes << text.arg(theme::wholeNumber(qint64(ids.size())), toQString(name_list(ids)));
  };
  add(answers.only_teacher, FailuresPage::tr("%1 left out that the student couldn't be asked: %2."));
  add(answers.only_student, FailuresPage::tr("%1 left out that the teacher couldn't be asked: %2."));
  add(answers.repeated, FailuresPage::tr("%1 ids come more than once: %2."));
  return notes;
}

}  // namespace

void FailuresPage::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  look();
}

void FailuresPage::takeProject() {
  m_stack->setCurrentIndex(m_document->isOpen() ? 1 : 0);
  const QString chosen = m_evaluations->currentData().toString();
  m_evaluations->clear();
  if (m_document->isOpen())
    for (const EvaluationOptions& evaluation : m_document->savedProject().evaluations) {
      const QString file = toQString(evaluation.file);
      m_evaluations->addItem(QFileInfo(file).fileName(), file);
    }
  m_evaluations->setCurrentIndex(std::max(m_evaluations->count() > 0 ? 0 : -1, m_evaluations->findData(chosen)));
  if (m_grid->current()) showQuestion(m_grid->current());  // it may have become a probe, or no longer be one
  showCheckpoints();
}

void FailuresPage::showCheckpoints() {
  const QString chosen = m_checkpoints->currentData().toString();
  const bool newest = m_checkpoints->currentIndex() <= 0;
  m_checkpoints->clear();
  const auto& known = m_history.checkpoints();
  for (auto folder = known.rbegin(); folder != known.rend(); ++folder) {
    const QString name = folder->section(u'/', -1);
    m_checkpoints->addItem(folder == known.rbegin() ? tr("%1 (newest)").arg(name) : name, *folder);
  }
  // Whoever reads the answers of a checkpoint goes on reading them.
  const bool busy = m_source->answers() || m_source->state() == AnswerSource::State::asking;
  if (const int kept = m_checkpoints->findData(chosen); kept >= 0 && (!newest || busy))
    m_checkpoints->setCurrentIndex(kept);
  look();
}

AnswerSubject FailuresPage::subject() const {
  AnswerSubject subject{m_document->path(), m_document->savedProject(), {}, {}};
  // Only what answers depend on: a note or a probe more is no other subject.
  subject.project.probes.clear();
  subject.project.notes.clear();
  subject.project.stages.clear();
  subject.project.schedule.clear();
  const int index = m_evaluations->currentIndex();
  if (m_document->isOpen() && index >= 0)
    subject.evaluation = m_document->savedProject().evaluations[std::size_t(index)];
  const QString checkpoint = m_checkpoints->currentData().toString();
  if (!checkpoint.isEmpty()) subject.checkpoint = QStringLiteral("%1/%2").arg(m_run->runFolder(), checkpoint);
  return subject;
}

void FailuresPage::look() {
  if (isVisible()) m_source->look(subject());
}

void FailuresPage::ask(bool map) {
  m_message->dismiss();
  if (!asksAlike(m_document->project(), m_document->savedProject())) {
    m_message->showMessage(InlineMessage::Kind::warning,
                           tr("Changes of the models, the evaluations or of how they run aren't saved yet."),
                           tr("Save and evaluate"), [this, map] {
                             m_document->save([self = QPointer(this), map](bool saved) {
                               if (saved && self) self->ask(map);
                             });
                           });
    return;
  }
  m_source->look(subject());
  m_source->ask(map);
}

void FailuresPage::showSource() {
  using State = AnswerSource::State;
  const State state = m_source->state();
  if (m_shown != m_source->answers()) {
    m_shown = m_source->answers();
    m_map->setChosen({});
    m_model->setAnswers(m_shown);
    m_filters->showAnswers();
  }
  const bool asking = state == State::asking;
  m_states->setCurrentIndex(m_shown ? 1 : 0);
  m_state->setText(stateSentence());
  m_ask->setVisible(state == State::missing || state == State::failed);
  m_cancel->setVisible(asking);
  for (QWidget* choice : {m_evaluations, m_checkpoints}) choice->setEnabled(!asking);
  for (QWidget* view : {m_picturesButton, m_mapButton}) view->setEnabled(m_shown != nullptr);
  showMap();
  m_mapStates->setCurrentIndex(m_source->map() ? 1 : 0);
  m_makeMap->setVisible(!asking);
  m_cancelMap->setVisible(asking);
  if (m_shown && state == State::failed) m_message->showMessage(InlineMessage::Kind::error, m_source->fault());
  showProgress();
}

QString FailuresPage::stateSentence() const {
  const Project& project = m_document->savedProject();
  switch (m_source->state()) {
    case AnswerSource::State::reading:
      return tr("Reading the answers…");
    case AnswerSource::State::missing:
      return tr("These questions haven't been put to both models yet.");
    case AnswerSource::State::asking:
      return tr("The models are asked");
    case AnswerSource::State::failed:
      return m_source->fault();
    default:
      break;
  }
  if (project.evaluations.empty())
    return tr("The project has no evaluation. Add one on the Project page: a file of questions with their answers.");
  return m_checkpoints->count() == 0
             ? tr("There is no trained student yet. Once the run has a checkpoint, its answers are compared here.")
             : QString();
}

void FailuresPage::showProgress() {
  const bool asking = m_source->state() == AnswerSource::State::asking;
  const bool missing = m_source->state() == AnswerSource::State::missing;
  m_progress->setText(asking    ? m_source->progressText()
                      : missing ? tr("The answers are kept with the run; the teacher's serve all runs.")
                                : QString());
  m_mapText->setText(asking ? m_source->progressText()
                            : tr("A map of the pictures, near each other where the student's tower sees the same. The "
                                 "tower looks at each picture once."));
}

void FailuresPage::showQuestion(const AnsweredTwice* pair) {
  const QString picture = pair ? m_model->pictureOf(*pair) : QString();
  m_details->setQuestion(m_shown.get(), pair, picture);
  if (!pair) return;
  const bool known = !picture.isEmpty() && isProbe(*m_document, picture, m_details->questionText());
  m_details->setProbe(!picture.isEmpty() && !known,
                      picture.isEmpty() ? tr("A probe needs a picture")
                      : known           ? tr("It is a probe of the project already")
                              : tr("Adds picture and question to the project's probes, which Inspect follows"));
}

void FailuresPage::showListed() {
  const int listed = m_model->rowCount();
  QStringList texts = {tr("%1 questions listed.").arg(theme::wholeNumber(listed))};
  if (m_shown) texts << setNotes(*m_shown);
  m_listed->setText(texts.join(QLatin1Char(' ')));
  m_learn->setEnabled(listed > 0);
  m_learn->setToolTip(listed > 0 ? tr("Writes the listed questions with their expected answers into a file, and adds a "
                                      "stage that learns from it")
                                 : tr("No question is listed"));
  showMap();
}

// The map counts what the filters leave, and keeps all pictures in their places.
void FailuresPage::showMap() {
  const auto map = m_source->map();
  m_map->setMap(map && m_shown ? std::make_shared<const PictureMap>(m_model->countedMap(*map)) : nullptr);
  m_map->setOutcome(m_model->filter().outcome);
}

void FailuresPage::makeProbe() {
  const AnsweredTwice* pair = m_grid->current();
  if (!pair) return;
  addProbe(*m_document, m_model->pictureOf(*pair), m_details->questionText());
  m_message->showMessage(InlineMessage::Kind::information,
                         tr("It is one of the project's probes now: the next run looks at it, and so does Inspect."));
}

void FailuresPage::learn() {
  const auto& outcome = m_model->filter().outcome;
  const QString group = outcome ? toQString(name_of(*outcome)) : QStringLiteral("questions");
  const QString name =
      QStringLiteral("%1-%2").arg(QFileInfo(m_evaluations->currentData().toString()).completeBaseName(), group);
  m_learn->setEnabled(false);
  writeExtraData(*m_document, *m_shown, m_model->listed(), name, this,
                 [this, images = toQString(m_shown->student.images)](const QString& file, const QString& fault) {
                   m_learn->setEnabled(true);
                   showLearning(file, images, fault);
                 });
}

void FailuresPage::showLearning(const QString& file, const QString& images, const QString& fault) {
  if (!fault.isEmpty()) return m_message->showMessage(InlineMessage::Kind::error, fault);
  const QString stage = addStageOfData(*m_document, file, images);
  m_message->showMessage(InlineMessage::Kind::warning,
                         tr("The stage %1 learns from %2. These are the evaluation's own questions: its score says "
                            "nothing any more about what has learnt from them.")
                             .arg(stage, QFileInfo(file).fileName()),
                         tr("Show it"), [this] { Q_EMIT pageRequested(QStringLiteral("stages")); });
}

QString FailuresPage::stateText() const {
  return m_state->text();
}

}  // namespace llavakd
