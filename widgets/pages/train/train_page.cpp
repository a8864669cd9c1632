// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/train/train_page.h"

#include <QDir>
#include <QFileInfo>
#include <QScrollArea>
#include <QScrollBar>
#include <QStackedWidget>
#include <QVBoxLayout>
#include <utility>

#include "widgets/document/background.h"
#include "widgets/document/project_document.h"
#include "widgets/pages/train/failed_run.h"
#include "widgets/pages/train/gate_panel.h"
#include "widgets/pages/train/overlaid_histories.h"
#include "widgets/pages/train/run_charts.h"
#include "widgets/pages/train/run_command.h"
#include "widgets/run/engine_process.h"
#include "widgets/run/run_controller.h"
#include "widgets/run/run_selection.h"
#include "widgets/run/run_summary.h"
#include "widgets/run/run_watcher.h"
#include "widgets/theme/action_button.h"
#include "widgets/theme/loading_placeholder.h"
#include "widgets/theme/page_layout.h"
#include "widgets/theme/parts.h"

namespace llavakd {
namespace {

// In the order in which they are added.
enum TrainPagePart { emptyPart, coursePart, readingPart };

}  // namespace

PageDescriptor TrainPage::descriptor() {
  return {QStringLiteral("train"), QStringLiteral("train"), tr("&Train"), QKeySequence(Qt::CTRL | Qt::Key_4),
          [](const PageContext& context) -> QWidget* {
            return new TrainPage(context.document, context.run, context.controller, context.selection);
          }};
}

TrainPage::TrainPage(ProjectDocument* document, RunWatcher* run, RunController* controller, RunSelection* selection,
                     QWidget* parent)
    : QWidget(parent),
      m_document(document),
      m_run(run),
      m_controller(controller),
      m_selection(selection),
      m_message(new InlineMessage),
      m_gate(new GatePanel),
      m_stack(new QStackedWidget),
      m_reading(new LoadingPlaceholder),
      m_command(new RunCommand),
      m_charts(new RunCharts) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(theme::pageMargin, theme::gapLarge, theme::pageMargin, theme::gapLarge);
  layout->setSpacing(theme::gap);
  layout->addWidget(m_stack, 1);
  layout->addWidget(m_gate);
  layAtLowerEdge(this, m_message, m_command);  // what comes while something is being clicked moves nothing
  m_stack->addWidget(makeEmptyPage());
  auto* content = new QWidget;
  auto* column = new QVBoxLayout(content);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(theme::gap);
  column->addWidget(m_charts, 1);
  auto* area = new QScrollArea;  // of a low window: better than a legend that lies on itself
  area->setWidgetResizable(true);
  area->setFrameShape(QFrame::NoFrame);
  area->setFocusPolicy(Qt::NoFocus);  // makeScrolling() says why
  area->setWidget(content);
  connect(area->verticalScrollBar(), &QScrollBar::rangeChanged, column, [column](int low, int high) {
    column->setContentsMargins(0, 0, high > low ? theme::gapSmall : 0, 0);  // the tiles don't touch the bar
  });
  m_stack->addWidget(area);
  m_stack->addWidget(m_reading);

  connect(m_charts, &RunCharts::stepChosen, this, &TrainPage::inspectRequested);
  connectController();
  connectRun();
  for (auto changed : {&ProjectDocument::opened, &ProjectDocument::closed, &ProjectDocument::pathChanged})
    connect(m_document, changed, this, &TrainPage::refresh);
  connect(m_document, &ProjectDocument::changed, this, &TrainPage::showCommand);
  connect(m_document, &ProjectDocument::modifiedChanged, this, &TrainPage::showCommand);
  refresh();
}

void TrainPage::connectController() {
  connect(m_emptyStart, &ActionButton::clicked, m_controller, &RunController::start);
  connect(m_controller, &RunController::waitingChanged, this,
          [this](const QString& what) { m_emptyStart->setEnabled(what.isEmpty()); });
  connect(m_controller, &RunController::messageWithdrawn, m_message, &InlineMessage::dismiss);
  connect(m_controller, &RunController::messageRaised, this, &TrainPage::showMessage);
  connect(m_gate, &GatePanel::answered, m_controller, &RunController::answerGate);
  connect(m_controller, &RunController::engineFailed, m_gate, &GatePanel::askAgain);
}

void TrainPage::showMessage(const RunMessage& message) {
  m_message->showMessage(message.kind, message.text, message.button, message.action);
  if (!message.otherButton.isEmpty()) m_message->addChoice(message.otherButton, message.otherAction);
  if (!message.page.isEmpty())
    m_message->addChoice(message.page == QStringLiteral("stages") ? tr("Go to Stages") : tr("Go to Project"),
                         [this, page = message.page] { Q_EMIT pageRequested(page); });
  if (m_run->state() == RunState::failed)
    addFailedRunChoices(
        m_message, m_run->progress(), m_document,
        {.openSample = [this](const QString& stage, const QString& sample) { Q_EMIT sampleRequested(stage, sample); },
         .showLearningRate =
             [this](int stage) { Q_EMIT fieldRequested(QStringLiteral("stages[%1].learning_rate").arg(stage)); },
         .resume =
             [this] {
               m_controller->resume();
             }});
}

void TrainPage::connectRun() {
  connect(m_run, &RunWatcher::reset, this, [this] {
    m_charts->clear();
    refresh();
    readOverlays();  // the run at hand is none of them
  });
  if (m_selection) connect(m_selection, &RunSelection::changed, this, &TrainPage::readOverlays);
  connect(m_run, &RunWatcher::stepsChanged, m_charts, [this] { m_charts->setSteps(m_run->steps()); });
  connect(m_run, &RunWatcher::eventsArrived, m_charts, &RunCharts::append);
  connect(m_run, &RunWatcher::loadingChanged, m_charts, [this] { m_charts->setLoading(m_run->loading()); });
  connect(m_charts, &RunCharts::logRequested, this, &TrainPage::logRequested);
  connect(m_run, &RunWatcher::infoChanged, this, &TrainPage::showCommand);
  connect(m_run, &RunWatcher::infoChanged, this, &TrainPage::showRecord);
  connect(m_run, &RunWatcher::progressChanged, this, &TrainPage::refresh);
  connect(m_run, &RunWatcher::runsChanged, this, &TrainPage::refresh);
}

void TrainPage::readOverlays() {
  const auto reading = m_overlayReadings.begin();
  std::vector<OverlaidRun> runs = m_selection ? m_selection->overlaid() : std::vector<OverlaidRun>();
  std::erase_if(runs, [this](const OverlaidRun& run) { return run.folder == m_run->runFolder(); });
  if (runs.empty()) return m_charts->setOverlays({});
  inBackground(
      this, [runs] { return readOverlaidHistories(runs); }, reading.only([this](const OverlaidHistories& read) {
        m_charts->setOverlays(read.runs);
        if (!read.problem.isEmpty()) m_message->showMessage(InlineMessage::Kind::warning, read.problem);
      }));
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
  layout->addWidget(m_emptyText);
  layout->addWidget(m_emptyStart, 0, Qt::AlignCenter);
  layout->addStretch(3);
  return page;
}

bool TrainPage::isProjectOpen() const {
  return m_document->isOpen() && !m_document->path().isEmpty();
}

// A run that has made no step has no course to show, and nobody needs to go on with it.
bool TrainPage::hasEndedAtStart() const {
  const RunProgress& progress = m_run->progress();
  const bool over = progress.state == RunState::failed || progress.state == RunState::stopped ||
                    progress.state == RunState::interrupted;
  return over && progress.step == 0 && !progress.hasCheckpoint;
}

void TrainPage::refresh() {
  m_gate->setProgress(m_run->progress());
  const bool open = isProjectOpen();
  // A run that is there but not read yet is no reason to start another.
  const bool reading = open && m_run->isReading(), ended = hasEndedAtStart();
  const bool empty = m_run->state() == RunState::none || ended;
  m_stack->setCurrentIndex(reading ? readingPart : empty ? emptyPart : coursePart);
  m_reading->setText(m_run->runFolder().isEmpty() ? tr("Looking for runs…") : tr("Reading the run…"));
  m_emptyText->setText(!open   ? tr("Open or make a project; its training shows here.")
                       : ended ? tr("The run that is shown ended before its first step.")
                               : tr("Training shows its curves here, from the first step on."));
  m_emptyStart->setVisible(open);
  if (std::exchange(m_lastState, m_run->state()) != m_run->state()) m_emptyStart->setEnabled(true);  // it has answered
  showCommand();
}

void TrainPage::showRecord() {
  const QString file = m_document->path();
  m_charts->setOrigin({{QStringLiteral("Project: %1").arg(QDir::toNativeSeparators(file)),
                        QStringLiteral("Run: %1").arg(QFileInfo(m_run->runFolder()).fileName())},
                       QFileInfo(file).path()});
  m_charts->setRecord(recordLines(m_run->info()).join(QLatin1Char('\n')));
}

void TrainPage::showCommand() {
  const RunState state = m_run->state();
  QString command, note;
  if (isProjectOpen() && state != RunState::starting) {
    // The whole path: a terminal may be in any folder.
    const QString file = QDir::toNativeSeparators(m_document->path()), id = QFileInfo(m_run->runFolder()).fileName();
    const bool goesOn = canGoOn(m_run->progress());
    note = tr("Copy the command: in a terminal it does what the button does");
    if (isActive(state)) {
      command = showCommandText(file, id);
      note = tr("Copy the command: in a terminal it tells how far the run is");
    } else if (m_document->isModified()) {
      // The engine gets the project as it is in the window, which no command says.
      note = tr("The run will have the changes that aren't saved yet; save them for a command.");
    } else {
      command = goesOn ? trainCommandText(file, id, RunVerb::resume) : trainCommandText(file);
    }
  }
  m_command->setCommand(command, note);
}

}  // namespace llavakd
