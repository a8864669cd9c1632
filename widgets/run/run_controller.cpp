// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/run/run_controller.h"

#include <QFileInfo>
#include <utility>

#include "core/project/project_file.h"
#include "core/run/roll_back_run.h"
#include "core/run/run_folder.h"
#include "widgets/document/background.h"
#include "widgets/document/conversions.h"
#include "widgets/document/project_document.h"
#include "widgets/document/project_files.h"
#include "widgets/run/gate_texts.h"
#include "widgets/run/project_check.h"
#include "widgets/run/run_watcher.h"

namespace llavakd {
namespace {

// Where what `check` found, or the engine refused, can be mended: stages ("Stages", "Stage DPT", "The schedule"), their
// data and templates have a page of their own.
QString pageOf(const QString& finding) {
  const bool ofProject = finding.startsWith(QStringLiteral("Template of the project"));
  const auto begins = [&](const char* words) {
    return finding.startsWith(QLatin1String(words));
  };
  const bool ofStages = begins("Stage") || begins("Data of ") || begins("Template of ") || begins("The schedule") ||
                        finding.contains(QStringLiteral(": stage "));
  return ofStages && !ofProject ? QStringLiteral("stages") : QStringLiteral("project");
}

QString failedStartText(const QString& why) {
  return RunController::tr("The run failed before its first step. %1").arg(why).trimmed();
}

}  // namespace

RunController::RunController(ProjectDocument* document, RunWatcher* run, QObject* parent)
    : QObject(parent), m_document(document), m_run(run) {
  const auto fresh = [this] {
    m_request.cancel();
    m_failedStart.clear();
    m_rolledBack.clear();
    Q_EMIT waitingChanged({});
    Q_EMIT messageWithdrawn();
    m_lastState = RunState::none;  // what is withdrawn of this run is told again
    followState();
  };
  connect(m_document, &ProjectDocument::opened, this, fresh);
  connect(m_document, &ProjectDocument::closed, this, fresh);
  connect(m_document, &ProjectDocument::changed, this, &RunController::forgetRefusal);
  connect(ProjectFiles::of(m_document), &ProjectFiles::changed, this, &RunController::forgetRefusal);
  connect(m_run, &RunWatcher::reset, this, &RunController::takeReset);
  connect(m_run, &RunWatcher::progressChanged, this, &RunController::followState);
  connect(&m_engine, &EngineProcess::failed, this, &RunController::takeFailure);
  connect(&m_engine, &EngineProcess::failed, this, &RunController::engineFailed);
  m_queueEngine.setWaitsAtGates(false);  // others wait behind it
  connect(&m_queueEngine, &EngineProcess::failed, this, [this](const QString& message) {
    if (m_run->runFolder() == m_queuedFolder) takeFailure(message);
    Q_EMIT queuedStartFailed(message);
  });
}

void RunController::takeFailure(const QString& message) {
  Q_EMIT waitingChanged({});
  const bool isNew = m_run->state() == RunState::starting && !m_resumedHere;
  if (isNew) return m_run->startFailed(message);  // followState() tells it
  RunMessage told{RunMessage::Kind::error, message, {}, {}};
  if (EngineProcess::asksToAcceptChanges(message)) {
    told.button = tr("Accept and resume");
    told.action = [this] {
      if (begin()) launch(Launch::resumeWithChanges);
    };
    told.otherButton = tr("Go on in a new run");
    told.otherAction = [this] {
      if (begin()) launch(Launch::branch);
    };
  }
  tell(told);
}

void RunController::tell(const RunMessage& message) {
  m_refused = !message.page.isEmpty();
  Q_EMIT messageRaised(message);
}

void RunController::forgetRefusal() {
  if (!std::exchange(m_refused, false)) return;
  m_failedStart.clear();
  Q_EMIT messageWithdrawn();
}

// Another run is followed, or the same from its beginning.
void RunController::takeReset() {
  if (m_run->state() != RunState::starting) m_startedHere = false;
  if (m_run->isChosen()) m_failedStart.clear();
  if (m_failedStart.isEmpty()) Q_EMIT messageWithdrawn();
  m_lastState = RunState::none;  // what is withdrawn of this run is told again
  m_lastFailure.clear();
  followState();
  if (m_run->runFolder() == m_rolledBackFolder) tellRollBack();
}

void RunController::tellRollBack() {
  if (m_rolledBack.isEmpty()) return;
  tell({RunMessage::Kind::information, m_rolledBack, tr("Resume"), [this] {
          resume();
        }});
}

void RunController::followState() {
  if (m_run->isReading()) return;  // how far it came isn't known yet
  const RunState state = m_run->state();
  const QString failure = state == RunState::failed ? m_run->progress().message : QString();
  if (state == m_lastState && failure == m_lastFailure) return;
  m_lastState = state;
  m_lastFailure = failure;
  if (state == RunState::failed) {
    const QString why = m_run->progress().message;
    const bool atStart = m_run->progress().step == 0;
    if (atStart && m_startedHere) return showFailedStart(why);
    if (atStart)
      tell({RunMessage::Kind::error, failedStartText(why), {}, {}, pageOf(why)});
    else
      tell({RunMessage::Kind::error,
            why.isEmpty() ? tr("The run failed; the log says why.") : tr("The run failed. %1").arg(why),
            {},
            {}});
  } else if (state == RunState::interrupted && !canGoOn(m_run->progress())) {
    tell({RunMessage::Kind::warning,
          tr("The engine of this run is gone, perhaps because the machine was switched off, and it had "
             "written no checkpoint: it can only start from the beginning."),
          {},
          {}});
  } else if (state == RunState::interrupted) {
    tell({RunMessage::Kind::warning,
          tr("The engine of this run is gone, perhaps because the machine was switched off. Nothing "
             "before the newest checkpoint is lost."),
          tr("Resume"), [this] {
            resume();
          }});
  } else if (isActive(state)) {
    Q_EMIT messageWithdrawn();
  }
}

// A run that failed before its first step has nothing to show: the one before it comes back under the reason, or none,
// and the project can be started again.
void RunController::showFailedStart(const QString& why) {
  m_startedHere = false;
  m_failedStart = failedStartText(why);
  m_run->setProjectFile(m_run->projectFile());
  tell({RunMessage::Kind::error, m_failedStart, {}, {}, pageOf(why)});
}

void RunController::start() {
  if (begin()) whenReady([this] { launch(Launch::newRun); });
}

bool RunController::begin() {
  if (!m_document->isOpen() || m_document->path().isEmpty()) return false;
  Q_EMIT messageWithdrawn();
  m_failedStart.clear();
  m_refused = false;
  m_rolledBack.clear();
  Q_EMIT waitingChanged(tr("Starting…"));
  m_request.begin();
  m_project = m_document->project();
  return true;
}

void RunController::whenReady(std::function<void()> next) {
  ProjectCheck* check = ProjectCheck::of(m_document);
  const NewestRequest::Ticket request = m_request.newest();
  const auto decide = [this, check, request, next] {
    if (!request.isNewest()) return;
    Q_EMIT messageWithdrawn();
    // It was edited meanwhile: what would run is not what was checked.
    if (m_document->project() != m_project) {
      Q_EMIT waitingChanged({});
      return tell({RunMessage::Kind::information,
                   tr("The project was changed while it was checked, so no run was started."), tr("Start"), [this] {
                     start();
                   }});
    }
    const ProjectCheck::Item* red = check->result().red();
    if (!red) return next();
    Q_EMIT waitingChanged({});
    tell({RunMessage::Kind::error, red->sentence(), tr("Start anyway"), next, pageOf(red->name)});
  };
  if (check->isCurrent()) return decide();
  Q_EMIT waitingChanged(tr("Checking…"));
  // Whoever doesn't want to wait for a look at each picture need not: the engine refuses what can't be read.
  tell({RunMessage::Kind::information, tr("Looking at models, data, disk and memory first."), tr("Start now"),
        [this, request, next] {
          if (!request.isNewest()) return;
          m_request.cancel();
          next();
        }});
  connect(check, &ProjectCheck::finished, this, decide, Qt::SingleShotConnection);
  check->check();
}

void RunController::resume() {
  if (m_run->state() != RunState::paused) {
    if (begin()) launch(Launch::resume);
    return;
  }
  if (m_run->progress().unmetGate)
    return tell({RunMessage::Kind::information,
                 tr("The run waits at the gate of %1: say on the Train page whether it goes on.")
                     .arg(m_run->progress().gateStage),
                 {},
                 {}});
  Q_EMIT waitingChanged(tr("Resuming…"));
  m_engine.resume(m_run->runFolder());
}

void RunController::pause() {
  Q_EMIT waitingChanged(tr("Pausing after this step…"));
  m_engine.pause(m_run->runFolder());
}

void RunController::stop() {
  Q_EMIT waitingChanged(tr("Stopping after this step…"));
  m_engine.stop(m_run->runFolder());
}

void RunController::save() {
  m_engine.save(m_run->runFolder());
}

void RunController::answerGate(GateAnswer::What what, const QString& reason) {
  const bool waits = m_run->state() == RunState::paused;
  if (waits) {
    const QString word = what == GateAnswer::What::go_on       ? QStringLiteral("go on ")
                         : what == GateAnswer::What::roll_back ? QStringLiteral("roll back ")
                                                               : QStringLiteral("stop ");
    return m_engine.answerGate(m_run->runFolder(), (word + reason).trimmed());
  }
  if (what == GateAnswer::What::roll_back) return rollBack(reason);
  m_gateReason = reason;
  if (what == GateAnswer::What::go_on && begin()) launch(Launch::passGate);
}

// The run's files alone, so that what was wrong can be changed before it goes on.
void RunController::rollBack(const QString& reason) {
  const auto& gate = m_run->progress().unmetGate;
  const std::string why = !reason.isEmpty() ? reason.toStdString() : gate ? gate->message : std::string();
  struct Result {
    QString fault, told;
  };
  const auto work = [run = m_run->folder(), why]() -> Result {
    try {
      return {{}, rollBackSentence(roll_back_run(run, {}, why))};
    } catch (const std::exception& error) {
      return {toQString(error.what()), {}};
    }
  };
  Q_EMIT waitingChanged(tr("Going back…"));
  inBackground(this, work, [this, folder = m_run->runFolder()](const Result& result) {
    Q_EMIT waitingChanged({});
    if (!result.fault.isEmpty()) {
      Q_EMIT engineFailed(result.fault);
      return tell({RunMessage::Kind::error, result.fault, {}, {}});
    }
    m_rolledBack = result.told;
    m_rolledBackFolder = folder;
    if (m_run->runFolder() == folder) tellRollBack();
  });
}

void RunController::launch(Launch how) {
  if (!m_document->isOpen() || m_document->path().isEmpty()) return;
  Q_EMIT waitingChanged(tr("Starting…"));
  const bool same = how == Launch::resume || how == Launch::resumeWithChanges || how == Launch::passGate;
  m_startedHere = true;
  m_resumedHere = same;
  const QString file = m_document->path(), shown = m_run->runFolder();
  const QString shownId = QFileInfo(shown).fileName(), id = same ? shownId : EngineProcess::newRunId();
  m_run->expect(same ? shown : toQString(runs_folder(toPath(file))) + u'/' + id);
  const auto text = QByteArray::fromStdString(project_text(m_project));
  if (how == Launch::resumeWithChanges)
    m_engine.resumeWithChanges(file, id, text);
  else if (how == Launch::passGate)
    m_engine.passGate(file, id, m_gateReason, text);
  else if (how == Launch::branch)
    m_engine.branch(file, shownId, id, text);
  else
    m_engine.start(file, id, same, text);
}

void RunController::startQueued(const QString& projectFile, const QString& runId, const QByteArray& projectText) {
  m_queuedFolder = toQString(runs_folder(toPath(projectFile))) + u'/' + runId;
  if (projectFile == m_document->path() && !m_run->isChosen()) {
    m_startedHere = true;
    m_resumedHere = false;
    Q_EMIT waitingChanged(tr("Starting…"));
    m_run->expect(m_queuedFolder);
  }
  m_queueEngine.start(projectFile, runId, false, projectText);
}

}  // namespace llavakd
