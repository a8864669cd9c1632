// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// What ComparePage asks about, and whom: pictures, example questions, models.
#include <QAction>
#include <QFileInfo>
#include <QMenu>
#include <QStackedWidget>
#include <QToolButton>
#include <algorithm>

#include "widgets/document/background.h"
#include "widgets/document/conversions.h"
#include "widgets/document/project_document.h"
#include "widgets/pages/compare/added_pictures.h"
#include "widgets/pages/compare/chosen_models.h"
#include "widgets/pages/compare/compare_page.h"
#include "widgets/pages/compare/question_edit.h"
#include "widgets/run/run_watcher.h"
#include "widgets/shared/picture_strip.h"
#include "widgets/shared/picture_view.h"
#include "widgets/theme/numbers.h"

namespace llavakd {
namespace {

constexpr int mostExamples = 24, longestExample = 70;

}  // namespace

void ComparePage::showPictures() {
  const bool open = m_document->isOpen();
  m_stack->setCurrentIndex(open ? 1 : 0);
  std::vector<PictureStrip::Entry> entries;
  if (open)
    for (const auto& probe : m_document->project().probes)
      entries.push_back({m_document->resolve(probe.image), toQString(probe.question)});
  for (const QString& file : m_added) entries.push_back({file, QFileInfo(file).fileName()});
  m_strip->setEntries(entries);
  choosePicture();
  showBusy();
}

QStringList ComparePage::chosenPictures() const {
  // Several are asked about in the order of the strip.
  QList<int> rows;
  for (const QModelIndex& index : m_strip->selectionModel()->selectedIndexes()) rows << index.row();
  std::ranges::sort(rows);
  QStringList files;
  for (const int row : rows) files << m_strip->fileOf(row);
  if (files.isEmpty() && m_strip->currentRow() >= 0) files << m_strip->fileOf(m_strip->currentRow());
  return files;
}

void ComparePage::choosePicture() {
  const int row = m_strip->currentRow();
  const QString file = row >= 0 ? m_strip->fileOf(row) : QString();
  if (file != m_picture->file() || file.isEmpty()) m_picture->setFile(file);
  const auto& probes = m_document->project().probes;
  if (m_untouched && row >= 0 && row < int(probes.size())) {
    const QString question = toQString(probes[std::size_t(row)].question);
    if (question != m_question->text()) m_question->setText(question);
    m_untouched = true;
  }
  showRemovable();
}

void ComparePage::showRemovable() {
  const bool added = m_strip->currentRow() >= int(m_document->project().probes.size());
  m_remove->setEnabled(added);
  m_remove->setToolTip(added ? tr("Remove this picture from the page (Delete)")
                             : tr("The project's own pictures are removed on the Project page"));
  for (QAction* action : m_strip->actions()) action->setEnabled(added);
}

void ComparePage::addPictures(const QStringList& files) {
  if (files.isEmpty()) return;
  for (const QString& file : files)
    if (!m_added.contains(file)) m_added << file;
  keepAddedPictures(*m_document, m_added);
  showPictures();
  m_strip->setCurrentRow(int(m_document->project().probes.size() + m_added.indexOf(files.last())));
}

void ComparePage::removePicture() {
  const int index = m_strip->currentRow() - int(m_document->project().probes.size());
  if (index < 0 || index >= m_added.size()) return;
  m_added.removeAt(index);
  keepAddedPictures(*m_document, m_added);
  showPictures();
}

void ComparePage::addExample(QMenu* menu, const QString& question, const QStringList& pictures) {
  const QFontMetrics metrics(menu->font());
  const QString text =
      metrics.elidedText(question.simplified(), Qt::ElideRight, longestExample * metrics.averageCharWidth());
  menu->addAction(QString(text).replace(QLatin1Char('&'), QStringLiteral("&&")), this,
                  [this, question, pictures] { takeExample(question, pictures); });
}

void ComparePage::fillExamples() {
  QMenu* menu = m_examples->menu();
  menu->clear();
  if (!m_document->isOpen()) return;
  menu->addSection(tr("Probes"));
  QStringList known;
  for (const auto& probe : m_document->project().probes) {
    const QString question = toQString(probe.question);
    if (known.contains(question)) continue;
    known << question;
    addExample(menu, question, {});
  }
  for (const auto& set : m_evaluations.sets()) {
    menu->addSection(set.name);
    if (!set.fault.isEmpty()) menu->addAction(set.fault)->setEnabled(false);
    // From all parts of the file: what stands side by side in it is often of one kind.
    const auto every = std::max<std::size_t>(1, set.questions.size() / mostExamples);
    for (std::size_t i = 0; i < set.questions.size() && i < every * mostExamples; i += every)
      addExample(menu, set.questions[i].question, set.questions[i].pictures);
    if (set.questions.size() > mostExamples)
      menu->addAction(tr("%1 more in this file").arg(theme::wholeNumber(qint64(set.questions.size()) - mostExamples)))
          ->setEnabled(false);
  }
}

void ComparePage::takeExample(const QString& question, const QStringList& pictures) {
  m_untouched = false;
  m_question->setText(question);
  m_question->setFocus();
  if (pictures.isEmpty()) return;
  std::vector<int> rows;
  QStringList missing;
  const auto rowOf = [this](const QString& file) {
    for (int row = 0; row < m_strip->entryCount(); ++row)
      if (m_strip->fileOf(row) == file) return row;
    return -1;
  };
  for (const QString& file : pictures)
    if (rowOf(file) < 0) missing << file;
  addPictures(missing);
  m_strip->setCurrentRow(rowOf(pictures.first()));
  for (const QString& file : pictures) m_strip->item(rowOf(file))->setSelected(true);
}

void ComparePage::readEvaluations() {
  const auto& wanted = m_document->project().evaluations;
  if (m_document->isOpen() && wanted == m_readEvaluations) return;
  m_readEvaluations = m_document->isOpen() ? wanted : std::vector<EvaluationOptions>();
  m_evaluations = {};
  const NewestRequest::Ticket reading = m_evaluationReadings.begin();
  if (m_readEvaluations.empty()) return;
  inBackground(
      this, [project = m_document->project(), file = m_document->path()] { return EvaluationQuestions(project, file); },
      reading.only([this](EvaluationQuestions read) { m_evaluations = std::move(read); }), longWorkThreads());
}

void ComparePage::showModels() {
  const Project& project = m_document->project();
  m_models->setTeacher(m_document->isOpen() ? toQString(project.teacher.checkpoint) : QString());
  QStringList folders;
  for (const QString& checkpoint : m_history.checkpoints())
    folders.prepend(m_run->runFolder() + QLatin1Char('/') + checkpoint);
  m_models->setRun(m_run->runFolder(), folders);
}

void ComparePage::readOtherRuns() {
  QStringList folders;
  for (const RunSummary& run : m_run->runs())
    if (run.canBeShown()) folders << run.folder;
  inBackground(
      this, [folders] { return readRunStudents(folders); },
      m_runReadings.begin().only([this](std::vector<RunStudents> read) { m_models->setOthers(std::move(read)); }));
}

}  // namespace llavakd
