// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>
#include <functional>

#include "core/project/options.h"
#include "core/run/run_control.h"
#include "widgets/document/newest_request.h"
#include "widgets/run/engine_process.h"
#include "widgets/run/run_progress.h"
#include "widgets/theme/parts.h"

namespace llavakd {

class ProjectDocument;
class RunWatcher;

/// What a run's start or end has to tell, and what a person may do about it.
struct RunMessage {
  using Kind = InlineMessage::Kind;
  Kind kind = Kind::information;
  QString text;
  QString button;  ///< What `action` does; empty: there is nothing to do.
  std::function<void()> action;
  QString page = {};         ///< Id of the page where it can be mended; empty: on none.
  QString otherButton = {};  ///< Another way on; empty: there is none.
  std::function<void()> otherAction = {};
};

/// Starts and steers the run of the open project: checks the project before a start, gives it to the engine as it is in
/// the window, sends requests to the run, and tells how they went. It never saves. It shows nothing itself; the Train
/// page, the strip and the menu ask it.
class RunController : public QObject {
  Q_OBJECT

 public:
  /// Both outlive the controller.
  RunController(ProjectDocument* document, RunWatcher* run, QObject* parent = nullptr);

  /// Whether the run that is starting goes on with an earlier one.
  bool isResuming() const { return m_resumedHere; }

  /// Starts a run of a queue, whatever project is open: of this project file, but with the options of the text. It is
  /// followed when it is the open project's and nobody has chosen another run to look at.
  void startQueued(const QString& projectFile, const QString& runId, const QByteArray& projectText);

 public Q_SLOTS:
  /// Checks the project as it is in the window, edits that aren't saved included, and starts a new run of it.
  void start();
  void pause();
  void stop();
  /// Goes on with a paused run, or with one whose process is gone.
  void resume();
  /// Writes a checkpoint now.
  void save();
  /// Answers at the gate where the run waits or has stopped. A run that has stopped goes on, or back.
  void answerGate(llavakd::GateAnswer::What what, const QString& reason);

 Q_SIGNALS:
  /// A request is on its way: what is waited for, in words; empty: nothing any more.
  void waitingChanged(const QString& what);
  /// Takes the place of an earlier message.
  void messageRaised(const llavakd::RunMessage& message);
  /// The last message no longer holds.
  void messageWithdrawn();
  /// The engine didn't start, or a run didn't answer. messageRaised() tells it, too.
  void engineFailed(const QString& message);
  /// The engine refused what startQueued() gave it, or couldn't be started.
  void queuedStartFailed(const QString& message);

 private:
  void takeFailure(const QString& message);
  void takeReset();
  void followState();
  void showFailedStart(const QString& why);
  void tell(const RunMessage& message);
  /// What was said of the project as it was no longer holds: it was changed, or its files were.
  void forgetRefusal();
  /// Begins a request to start or resume the project as it is now; false when none is open.
  bool begin();
  /// Calls `next` when nothing red keeps a run from its end.
  void whenReady(std::function<void()> next);
  enum class Launch { newRun, resume, resumeWithChanges, branch, passGate };
  void launch(Launch how);
  void rollBack(const QString& reason);
  void tellRollBack();

  ProjectDocument* m_document;
  RunWatcher* m_run;
  EngineProcess m_engine;
  NewestRequest m_request;  ///< To start or resume; one is for the project that was open, and goes with it.
  Project m_project;        ///< What is started or resumed.
  RunState m_lastState = RunState::none;
  QString m_lastFailure;        ///< Why it failed, as it was told last: the state may be known before the reason.
  bool m_startedHere = false;   ///< The run that is shown was started by this window.
  bool m_resumedHere = false;   ///< And was there before.
  EngineProcess m_queueEngine;  ///< Its runs may be another project's.
  QString m_queuedFolder;       ///< Of the run of a queue that was started last.
  QString m_failedStart;        ///< Stays in sight over the earlier run that is shown again.
  QString m_gateReason;         ///< Why a gate is passed.
  QString m_rolledBack;         ///< That the run went back, told again once it was read again; its folder.
  QString m_rolledBackFolder;
  bool m_refused = false;  ///< The last message says what is wrong with the project.
};

}  // namespace llavakd
