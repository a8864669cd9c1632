// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/train/train_page.h"

#include <QFileInfo>
#include <QScrollArea>
#include <QStackedWidget>
#include <QVBoxLayout>
#include <algorithm>

#include "widgets/document/conversions.h"
#include "widgets/document/project_document.h"
#include "widgets/pages/train/run_charts.h"
#include "widgets/pages/train/run_controls.h"
#include "widgets/run/engine_process.h"
#include "widgets/run/project_check.h"
#include "widgets/run/run_summary.h"
#include "widgets/run/run_watcher.h"
#include "widgets/theme/action_button.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/parts.h"

namespace llavakd {

TrainPage::TrainPage(QWidget* parent)
    : QWidget(parent),
      m_engine(nullptr),
      m_message(new InlineMessage),
      m_stack(new QStackedWidget),
      m_controls(new RunControls),
      m_charts(new RunCharts) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(theme::pageMargin, theme::gapLarge, theme::pageMargin, theme::gapLarge);
  layout->setSpacing(theme::gap);
  layout->addWidget(m_message);
  layout->addWidget(m_stack, 1);
  m_stack->addWidget(makeEmptyPage());
  auto* content = new QWidget;
  auto* column = new QVBoxLayout(content);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(theme::gap);
  column->addWidget(m_controls);
  column->addWidget(m_charts, 1);
  auto* area = new QScrollArea;  // of a low window: better than a legend that lies on itself
  area->setWidgetResizable(true);
  area->setFrameShape(QFrame::NoFrame);
  area->setWidget(content);
  m_stack->addWidget(area);

  connect(m_controls, &RunControls::startClicked, this, &TrainPage::start);
  connect(m_controls, &RunControls::pauseClicked, this, &TrainPage::pause);
  connect(m_controls, &RunControls::resumeClicked, this, &TrainPage::resume);
  connect(m_controls, &RunControls::continueClicked, this, &TrainPage::resume);
  connect(m_controls, &RunControls::stopClicked, this, &TrainPage::stop);
  connect(m_charts, &RunCharts::stepChosen, this, &TrainPage::inspectRequested);
  setEngine(new EngineProcess(this));
  refresh();
}

QWidget* TrainPage::makeEmptyPage() {
  auto* page = new QWidget;
  auto* layout = new QVBoxLayout(page);
  layout->setSpacing(theme::gapLarge);
  layout->addStretch(2);
  m_emptyText = new TextLabel({}, theme::Size::title);
  m_emptyText->setAlignment(Qt::AlignCenter);
  m_emptyText->setWordWrap(true);
  m_emptyStart = new ActionButton(tr("&Start"), true);
  m_emptyStart->setIcon(theme::icon(QStringLiteral("play")));
  m_emptyStart->setObjectName(QStringLiteral("emptyStart"));
  m_emptyCommand = new TextLabel({}, theme::Size::caption, TextLabel::Tone::muted);
  m_emptyCommand->setTextInteractionFlags(Qt::TextSelectableByMouse);
  connect(m_emptyStart, &ActionButton::clicked, this, &TrainPage::start);
  layout->addWidget(m_emptyText);
  layout->addWidget(m_emptyStart, 0, Qt::AlignCenter);
  layout->addWidget(m_emptyCommand, 0, Qt::AlignCenter);
  layout->addStretch(3);
  return page;
}

void TrainPage::setDocument(ProjectDocument* document) {
  if (m_document) m_document->disconnect(this);
  m_document = document;
  if (m_document) {
    const auto fresh = [this] {
      m_failedStart.clear();
      m_message->dismiss();
      refresh();
    };
    connect(m_document, &ProjectDocument::opened, this, fresh);
    connect(m_document, &ProjectDocument::closed, this, fresh);
    connect(m_document, &ProjectDocument::pathChanged, this, &TrainPage::refresh);
    connect(m_document, &ProjectDocument::changed, this, &TrainPage::showCommand);
  }
  refresh();
}

void TrainPage::setEngine(EngineProcess* engine) {
  if (m_engine) {
    m_engine->disconnect(this);
    if (m_engine->parent() == this) m_engine->deleteLater();
  }
  m_engine = engine;
  connect(m_engine, &EngineProcess::failed, this, [this](const QString& message) {
    m_controls->setWaiting({});
    const bool isNew = m_run && m_run->state() == RunState::starting && !m_resumedHere;
    if (isNew) return m_run->startFailed(message);  // refresh() says it
    if (!EngineProcess::asksToAcceptChanges(message))
      return m_message->showMessage(InlineMessage::Kind::error, message);
    m_message->showMessage(InlineMessage::Kind::error, message, tr("Accept and resume"),
                           [this] { whenSaved([this] { launch(true, true); }); });
  });
}

void TrainPage::setRun(RunWatcher* run) {
  if (m_run) m_run->disconnect(this);
  m_run = run;
  m_charts->clear();
  if (m_run) follow();
  refresh();
}

void TrainPage::follow() {
  connect(m_run, &RunWatcher::reset, this, [this] {
    m_charts->clear();
    if (m_run->state() != RunState::starting) m_startedHere = false;
    if (m_run->isChosen()) m_failedStart.clear();
    if (m_failedStart.isEmpty()) m_message->dismiss();
    refresh();
  });
  connect(m_run, &RunWatcher::eventsArrived, m_charts, &RunCharts::append);
  connect(m_run, &RunWatcher::logArrived, m_charts, &RunCharts::appendLog);
  connect(m_run, &RunWatcher::infoChanged, this, &TrainPage::showCommand);
  connect(m_run, &RunWatcher::infoChanged, this, &TrainPage::showRecord);
  connect(m_run, &RunWatcher::progressChanged, this, &TrainPage::refresh);
}

void TrainPage::refresh() {
  const bool open = m_document && m_document->isOpen() && !m_document->path().isEmpty();
  const RunState state = m_run ? m_run->state() : RunState::none;
  m_stack->setCurrentIndex(state == RunState::none ? 0 : 1);
  m_emptyText->setText(open ? tr("Training shows its curves here, from the first step on.")
                            : tr("Open or make a project; its training shows here."));
  m_emptyStart->setVisible(open);
  m_controls->setStartable(open);
  m_controls->setProgress(m_run ? m_run->progress() : RunProgress());
  showCommand();
  if (state == m_lastState) return;
  m_lastState = state;
  if (state == RunState::failed) {
    const QString why = m_run->progress().message;
    if (m_startedHere && m_run->progress().step == 0) return showFailedStart(why);
    m_message->showMessage(InlineMessage::Kind::error,
                           why.isEmpty() ? tr("The run failed; the log says why.") : tr("The run failed. %1").arg(why));
  } else if (state == RunState::interrupted && !canGoOn(m_run->progress())) {
    m_message->showMessage(
        InlineMessage::Kind::warning,
        tr("The engine of this run is gone, perhaps because the machine was switched off, and it had "
           "written no checkpoint: it can only begin anew."));
  } else if (state == RunState::interrupted) {
    m_message->showMessage(
        InlineMessage::Kind::warning,
        tr("The engine of this run is gone, perhaps because the machine was switched off. Nothing before the newest "
           "checkpoint is lost."),
        tr("Resume"), [this] { resume(); });
  } else if (isActive(state)) {
    m_message->dismiss();
  }
}

// A run that failed before its first step has nothing to show: the one before it comes back, under the reason.
void TrainPage::showFailedStart(const QString& why) {
  m_startedHere = false;
  m_failedStart = tr("The run failed before its first step. %1").arg(why).trimmed();
  const QString failed = m_run->runFolder();
  const bool another = std::ranges::any_of(
      m_run->runs(), [&](const RunSummary& run) { return run.canBeShown() && run.begun && run.folder != failed; });
  if (another) m_run->setProjectFile(m_run->projectFile());
  m_message->showMessage(InlineMessage::Kind::error, m_failedStart);
}

void TrainPage::showRecord() {
  m_charts->setRecord(recordLines(m_run->info()).join(QLatin1Char('\n')));
}

void TrainPage::showCommand() {
  const bool open = m_document && m_document->isOpen() && !m_document->path().isEmpty();
  const QString file = open ? QFileInfo(m_document->path()).fileName() : QString();
  const QString id = m_run && !m_run->runFolder().isEmpty() ? QFileInfo(m_run->runFolder()).fileName() : QString();
  const RunState state = m_run ? m_run->state() : RunState::none;
  QString command;
  if (open) {
    const bool resumes = m_run && canGoOn(m_run->progress());
    const bool runs = state == RunState::starting || isActive(state);
    const bool resumed = state == RunState::starting ? m_resumedHere : isActive(state) && m_run->progress().resumed;
    command =
        trainCommandText(file, resumes || runs ? id : QString(), resumes || resumed ? RunVerb::resume : RunVerb::run);
    if (isActive(state) && hasOptionsOfItsOwn(m_run->info(), m_document->project()))
      return m_controls->setCommand({}, tr("This run has other options than the project now; Record lists them."));
  }
  m_controls->setCommand(command);
  m_emptyCommand->setText(command);
}

void TrainPage::start() {
  whenSaved([this] { whenReady([this] { launch(false); }); });
}

void TrainPage::whenSaved(std::function<void()> next) {
  if (!m_document || !m_document->isOpen() || m_document->path().isEmpty() || !m_run) return;
  m_message->dismiss();
  m_failedStart.clear();
  m_controls->setWaiting(tr("Starting…"));
  if (!m_document->isModified()) return next();
  m_document->save([this, next = std::move(next), self = QPointer(this)](bool ok) {  // the engine reads the file
    if (!self) return;
    if (ok) return next();
    m_controls->setWaiting({});
    m_message->showMessage(InlineMessage::Kind::error,
                           tr("The project has changes that could not be saved, so the run was not started."));
  });
}

void TrainPage::whenReady(std::function<void()> next) {
  ProjectCheck* check = ProjectCheck::of(m_document);
  delete m_waitingForCheck;  // a second press of Start starts one run
  const auto decide = [this, check, next] {
    m_message->dismiss();
    // It was edited meanwhile: the file that would run is not what was checked.
    if (!m_document || m_document->isModified()) return m_controls->setWaiting({});
    const ProjectCheck::Item* red = check->result().red();
    if (!red) return next();
    m_controls->setWaiting({});
    m_message->showMessage(InlineMessage::Kind::error, red->sentence(), tr("Start anyway"), next);
  };
  if (check->isCurrent()) return decide();
  m_controls->setWaiting(tr("Checking…"));
  // Whoever doesn't want to wait for a look at each picture need not: the engine refuses what can't be read.
  auto* once = new QObject(this);
  m_waitingForCheck = once;
  m_message->showMessage(InlineMessage::Kind::information, tr("Looking at models, data, disk and memory first."),
                         tr("Start now"), [once = m_waitingForCheck, next] {
                           if (!once) return;
                           delete once;
                           next();
                         });
  connect(m_document, &ProjectDocument::closed, once, [this, once] {
    once->deleteLater();
    m_controls->setWaiting({});
    m_message->dismiss();
  });
  connect(check, &ProjectCheck::finished, once, [once, decide] {
    once->deleteLater();
    decide();
  });
  check->check();
}

void TrainPage::resume() {
  if (!m_run) return;
  if (m_run->state() != RunState::paused) return whenSaved([this] { launch(true); });
  m_controls->setWaiting(tr("Resuming…"));
  m_engine->resume(m_run->runFolder());
}

void TrainPage::pause() {
  if (!m_run) return;
  m_controls->setWaiting(tr("Pausing after this step…"));
  m_engine->pause(m_run->runFolder());
}

void TrainPage::stop() {
  if (!m_run) return;
  m_controls->setWaiting(tr("Stopping after this step…"));
  m_engine->stop(m_run->runFolder());
}

void TrainPage::launch(bool resumed, bool acceptChanges) {
  if (!m_document || !m_document->isOpen() || m_document->path().isEmpty() || !m_run) return;
  m_controls->setWaiting(tr("Starting…"));
  m_startedHere = true;
  m_resumedHere = resumed;
  const QString file = m_document->path(), folder = m_run->runFolder();
  const QString id = resumed ? QFileInfo(folder).fileName() : EngineProcess::newRunId();
  m_run->expect(resumed ? folder : toQString(runs_folder(toPath(file))) + u'/' + id);
  acceptChanges ? m_engine->resumeWithChanges(file, id) : m_engine->start(file, id, resumed);
}

}  // namespace llavakd
