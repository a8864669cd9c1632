// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>

#include "widgets/run/run_progress.h"

class QToolButton;

namespace llavakd {

class ActionButton;
class ElidedLabel;
class ProgressLine;
class StateBadge;

/// How far the run is and what can be done with it: state, progress of stage and run with the time left, the buttons,
/// and the command that the next press of Start or Resume runs.
class RunControls : public QWidget {
  Q_OBJECT

 public:
  explicit RunControls(QWidget* parent = nullptr);
  void setProgress(const RunProgress& progress);
  /// The command line shown; without one, why there is none.
  void setCommand(const QString& command, const QString& why = {});
  QString command() const;
  /// Whether a run can be started at all: a project is open.
  void setStartable(bool startable);
  /// The request is on its way: buttons wait until the run's state answers.
  void setWaiting(const QString& text);

 Q_SIGNALS:
  void startClicked();
  void pauseClicked();
  /// Goes on with a paused run.
  void resumeClicked();
  /// Goes on with a run whose process is gone, from its newest checkpoint.
  void continueClicked();
  void stopClicked();

 private:
  void refresh();

  RunProgress m_progress;
  QString m_waiting;
  bool m_startable = false;
  StateBadge* m_state;
  ProgressLine *m_stage, *m_run;
  ActionButton *m_start, *m_pause, *m_resume, *m_stop;
  ElidedLabel* m_command;
  QToolButton* m_copy;
};

}  // namespace llavakd
