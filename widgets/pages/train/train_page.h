// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QPointer>
#include <QWidget>
#include <functional>

#include "widgets/run/run_progress.h"

class QStackedWidget;

namespace llavakd {

class ActionButton;
class EngineProcess;
class InlineMessage;
class ProjectDocument;
class RunCharts;
class RunControls;
class RunWatcher;
class TextLabel;

/// The Train page: starts and steers the run of the open project and shows its course.
class TrainPage : public QWidget {
  Q_OBJECT

 public:
  explicit TrainPage(QWidget* parent = nullptr);
  void setDocument(ProjectDocument* document);
  void setRun(RunWatcher* run);
  /// Who starts and steers runs; without it the page has one of its own.
  void setEngine(EngineProcess* engine);

  RunControls* controls() const { return m_controls; }
  RunCharts* charts() const { return m_charts; }
  InlineMessage* message() const { return m_message; }

 public Q_SLOTS:
  /// Saves the project where it was changed and starts a new run of it.
  void start();
  void pause();
  void stop();
  /// Goes on with a paused run, or with one whose process is gone.
  void resume();

 Q_SIGNALS:
  /// The user wants to look at the probes of this step of the run.
  void inspectRequested(qint64 step);

 private:
  QWidget* makeEmptyPage();
  void refresh();
  void showCommand();
  /// Saves what isn't saved, then calls `next`.
  void whenSaved(std::function<void()> next);
  /// Calls `next` when nothing red keeps a run from its end.
  void whenReady(std::function<void()> next);
  void launch(bool resumed, bool acceptChanges = false);
  void follow();

  QPointer<ProjectDocument> m_document;
  QPointer<RunWatcher> m_run;
  EngineProcess* m_engine;
  void showFailedStart(const QString& why);
  void showRecord();

  RunState m_lastState = RunState::none;
  bool m_startedHere = false;           ///< The run that is shown was started by this window.
  bool m_resumedHere = false;           ///< And was there before.
  QString m_failedStart;                ///< Stays in sight over the earlier run that is shown again.
  QPointer<QObject> m_waitingForCheck;  ///< Gone: no start waits.
  InlineMessage* m_message;
  QStackedWidget* m_stack;
  RunControls* m_controls;
  RunCharts* m_charts;
  TextLabel *m_emptyText, *m_emptyCommand;
  ActionButton* m_emptyStart;
};

}  // namespace llavakd
