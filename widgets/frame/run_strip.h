// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>

#include "widgets/run/run_progress.h"

class QLabel;
class QToolButton;

namespace llavakd {

class ElidedLabel;
class ProjectDocument;
class RunChooser;
class RunWatcher;
class StageBands;
class StartButton;
class StateBadge;

/// The whole run at a glance, over every page: project, stages as bands, state, time left, and what can be done. Its
/// buttons keep their places whatever the run does; those that can do nothing are greyed.
class RunStrip : public QWidget {
  Q_OBJECT

 public:
  RunStrip(ProjectDocument* document, RunWatcher* run, QWidget* parent = nullptr);

 public Q_SLOTS:
  /// A request is on its way: its words stand for the state, and the buttons wait until the run answers. Empty: none.
  void setWaiting(const QString& what);

 Q_SIGNALS:
  void startRequested();
  /// The followed run is paused, or its process is gone, and it can go on.
  void resumeRequested();
  void pauseRequested();
  void stopRequested();

 protected:
  void paintEvent(QPaintEvent*) override;
  void resizeEvent(QResizeEvent* event) override;

 private:
  /// In a narrow window Start is its icon alone and the name gives way, rather than one lying on the other.
  void fitWidth();
  void fitName();
  void makeButtons();
  void refresh();
  void refreshState(const RunProgress& progress);
  void refreshVerified();
  void refreshButtons(const RunProgress& progress);
  ProjectDocument* m_document;
  RunWatcher* m_run;
  ElidedLabel *m_name, *m_left;
  StageBands* m_bands;
  StateBadge *m_state, *m_verified;
  RunChooser* m_runs;
  QLabel* m_modified;
  StartButton* m_start;
  QToolButton *m_pause, *m_stop;
  QString m_waiting, m_verifiedRun;
  RunState m_lastState = RunState::none;
};

/// Bands of the stages, as long as their steps, filled as far as they are done.
class StageBands : public QWidget {
  Q_OBJECT

 public:
  explicit StageBands(QWidget* parent = nullptr);
  void setProgress(const RunProgress& progress);
  QSize sizeHint() const override { return {480, 40}; }
  QSize minimumSizeHint() const override { return {40, 40}; }

 protected:
  void paintEvent(QPaintEvent*) override;

 private:
  RunProgress m_progress;
};

}  // namespace llavakd
