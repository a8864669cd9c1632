// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// What ComparePage asks, and the rows of its thread.
#include <QCryptographicHash>
#include <QFileDialog>
#include <QFileInfo>
#include <QPointer>
#include <QRandomGenerator>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

#include "core/io/atomic_file.h"
#include "core/run/events.h"
#include "widgets/document/background.h"
#include "widgets/document/conversions.h"
#include "widgets/document/project_document.h"
#include "widgets/pages/compare/ask_settings_button.h"
#include "widgets/pages/compare/blind_vote_dialog.h"
#include "widgets/pages/compare/chosen_models.h"
#include "widgets/pages/compare/compare_page.h"
#include "widgets/pages/compare/question_edit.h"
#include "widgets/pages/compare/thread_export.h"
#include "widgets/pages/compare/thread_row.h"
#include "widgets/run/run_watcher.h"
#include "widgets/run/serve_client.h"
#include "widgets/shared/picture_strip.h"
#include "widgets/theme/action_button.h"
#include "widgets/theme/page_layout.h"
#include "widgets/theme/parts.h"

namespace llavakd {
namespace {

constexpr std::size_t rowsAtFirst = 20;

}  // namespace

QString answersDependOn(const Project& project) {
  const StudentOptions& student = project.student;
  QStringList parts;
  for (const std::string& text :
       {project.teacher.checkpoint, student.checkpoint, student.language_model, student.vision_tower, student.connector,
        project.image.aspect_ratio, project.conversation_template, project.run.precision, project.run.device})
    parts << toQString(text);
  parts << QString::number(student.num_queries) << QString::number(project.run.seed);
  const QByteArray hash = QCryptographicHash::hash(parts.join(QChar(0)).toUtf8(), QCryptographicHash::Sha256);
  return QString::fromLatin1(hash.toHex().left(16));
}

void ComparePage::connectThread() {
  connect(&m_thread, &AskedThread::rowsChanged, this, &ComparePage::showRows);
  connect(&m_thread, &AskedThread::busyChanged, this, &ComparePage::showBusy);
  connect(&m_thread, &AskedThread::rowChanged, this, [this](qint64 id) {
    const AskedRow* row = m_thread.row(id);
    const auto shown = std::ranges::find(m_rows, id, &ThreadRow::id);
    if (row && shown != m_rows.end()) (*shown)->setRow(*row);
  });
  connect(&m_keeper, &ThreadKeeper::read, this, [this](const std::map<QString, double>& written) {
    m_rewritten.insert(written.begin(), written.end());  // a later time than a row's: it answered no question of it
    showPast();
  });
  connect(&m_keeper, &ThreadKeeper::failed, this,
          [this](const QString& text) { m_message->showMessage(InlineMessage::Kind::warning, text); });
}

void ComparePage::ask() {
  const QString question = m_question->text().trimmed();
  const std::vector<AskedModel> models = m_models->models();
  if (question.isEmpty() || models.empty() || m_document->path().isEmpty() || refuseUnsaved()) return;
  startServing();
  const QStringList pictures = chosenPictures();
  m_thread.ask({.time = now(),
                .pictures = pictures,
                .models = models,
                .settings = m_settings->settings(),
                .project = answersDependOn(m_document->project()),
                .turns = {{.question = question, .reference = m_evaluations.rightAnswer(pictures, question)}}});
}

void ComparePage::askOn(qint64 row, const QString& question) {
  if (refuseUnsaved()) return;
  startServing();
  m_thread.askOn(row, question);
}

void ComparePage::startServing() {
  m_serve->setProjectFile(m_document->path());
  m_served = answersDependOn(m_document->project());
}

// The engine reads the file.
bool ComparePage::refuseUnsaved() {
  m_message->dismiss();
  if (answersDependOn(m_document->project()) == answersDependOn(m_document->savedProject())) return false;
  m_message->showMessage(InlineMessage::Kind::warning, tr("Changes of the models or of how they run aren't saved yet."),
                         tr("Save and ask"), [this] {
                           m_document->save([self = QPointer(this)](bool saved) {
                             if (saved && self) self->ask();
                           });
                         });
  return true;
}

void ComparePage::stop() {
  m_thread.stopAll();
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
    if (known != m_written.end() && known->second != time) {
      m_rewritten[modelFolder(folder)] = now();
      rewritten = true;
    }
    m_written[folder] = time;
  }
  if (rewritten) showPast();
}

// The engine keeps the models that it has read, and nobody asks on where other models stand by now.
void ComparePage::leaveOtherModels() {
  const QString present = answersDependOn(m_document->project());
  if (present == answersDependOn(m_document->savedProject())) m_message->dismiss();
  showPast();
  if (m_served.isEmpty() || (m_document->isOpen() && present == m_served)) return;
  m_served.clear();
  m_thread.stopAll();
  m_serve->stop();
}

void ComparePage::showPast() {
  m_thread.setPast([this](const AskedRow& row) { return pastOf(row); });
}

QString ComparePage::pastOf(const AskedRow& row) const {
  if (row.project != answersDependOn(m_document->project()))
    return tr("Asked when the project had other models or settings; it can't go on.");
  for (const AskedModel& model : row.models) {
    const auto again = m_rewritten.find(model.folder);
    if (again != m_rewritten.end() && again->second > row.time)
      return tr("%1 has been written again since: that is another student. This can't go on.").arg(model.name);
  }
  return {};
}

ThreadRow* ComparePage::makeRow(const AskedRow& row) {
  auto* made = new ThreadRow(row);
  const qint64 id = row.id;
  connect(made, &ThreadRow::stopAsked, this, [this, id] { m_thread.stop(id); });
  connect(made, &ThreadRow::removeAsked, this, [this, id] { removeRow(id); });
  connect(made, &ThreadRow::againAsked, this, [this, id] { takeAgain(id); });
  connect(made, &ThreadRow::moreAsked, this, [this, id](int model) {
    if (refuseUnsaved()) return;
    startServing();
    m_thread.askForMore(id, model);
  });
  connect(made, &ThreadRow::followUpAsked, this, [this, id](const QString& question) { askOn(id, question); });
  return made;
}

void ComparePage::showRows() {
  m_shownRows = std::max(m_shownRows, rowsAtFirst);
  std::vector<ThreadRow*> shown;
  for (const AskedRow& row : m_thread.rows()) {
    if (shown.size() == m_shownRows) break;
    const auto known = std::ranges::find(m_rows, row.id, &ThreadRow::id);
    shown.push_back(known != m_rows.end() ? *known : makeRow(row));
    if (known != m_rows.end()) shown.back()->setRow(row);
  }
  for (ThreadRow* row : m_rows) {
    if (std::ranges::find(shown, row) != shown.end()) continue;
    m_threadColumn->removeWidget(row);
    row->hide();
    row->deleteLater();  // its button may have been what was clicked
  }
  m_rows = std::move(shown);
  for (std::size_t i = 0; i < m_rows.size(); ++i)
    if (m_threadColumn->indexOf(m_rows[i]) != int(i)) m_threadColumn->insertWidget(int(i), m_rows[i]);
  QWidget* before = m_export;
  for (ThreadRow* row : m_rows) before = row->orderFocus(before);
  m_noRows->setVisible(m_rows.empty());
  m_older->setVisible(m_thread.rows().size() > m_rows.size());
  for (QToolButton* button : {m_vote, m_export}) button->setEnabled(!m_rows.empty());
}

void ComparePage::removeRow(qint64 row) {
  m_thread.remove(row);
  m_message->showMessage(InlineMessage::Kind::information, tr("The question and its answers were removed."), tr("Undo"),
                         [this] { m_thread.undoRemove(); });
}

void ComparePage::takeAgain(qint64 id) {
  const AskedRow* row = m_thread.row(id);
  if (!row) return;
  const QString question = row->turns.front().question;
  const QStringList pictures = row->pictures;
  takeExample(question, pictures);
}

void ComparePage::openBlindVote() {
  auto* dialog = new BlindVoteDialog(&m_thread, QRandomGenerator::global()->generate(), this);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->open();
}

void ComparePage::exportThread() {
  const QString folder = QFileInfo(m_document->path()).path();
  const QString file =
      QFileDialog::getSaveFileName(this, tr("Export the thread"), folder + QStringLiteral("/answers.md"),
                                   tr("Markdown (*.md);;JSON (*.json);;CSV (*.csv)"));
  if (!file.isEmpty()) saveThread(file);
}

void ComparePage::saveThread(const QString& file) {
  const std::string text = threadText(m_thread.rows(), m_thread.votes(), threadFormatOf(file));
  changeInBackground(
      this, [file, text] { write_file_atomically(toPath(file), text); },
      [this, file](const QString& fault) {
        if (fault.isEmpty())
          m_message->showMessage(InlineMessage::Kind::information, tr("%1 was written.").arg(file));
        else
          m_message->showMessage(InlineMessage::Kind::error, fault);
      });
}

void ComparePage::showBusy() {
  const bool question = !m_question->text().trimmed().isEmpty();
  const qsizetype models = qsizetype(m_models->models().size());
  m_stop->setVisible(m_thread.isBusy());
  m_ask->setEnabled(question && models > 0 && m_document->isOpen());
  m_ask->setToolTip(!question     ? tr("Write a question first")
                    : models == 0 ? tr("Add somebody to ask first")
                                  : tr("All models answer, one after the other (Enter)"));
}

}  // namespace llavakd
