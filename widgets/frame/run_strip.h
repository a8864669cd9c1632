// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>

#include "widgets/run/run_progress.h"

class QLabel;
class QPushButton;
class QToolButton;

namespace llavakd {

class ElidedLabel;
class ProjectDocument;
class RunChooser;
class RunWatcher;
class StageBands;
class StateBadge;

/// The whole run at a glance, over every page: project, stages as bands, time left, pause and stop.
class RunStrip : public QWidget {
  Q_OBJECT

 public:
  RunStrip(ProjectDocument* document, RunWatcher* run, QWidget* parent = nullptr);

 Q_SIGNALS:
  void startRequested();
  /// The followed run is paused, or its process is gone, and it can go on.
  void resumeRequested();
  void pauseRequested();
  void stopRequested();

 protected:
  void paintEvent(QPaintEvent*) override;

 private:
  void refresh();
  ProjectDocument* m_document;
  RunWatcher* m_run;
  ElidedLabel* m_name;
  StageBands* m_bands;
  StateBadge* m_state;
  RunChooser* m_runs;
  QLabel *m_modified, *m_left;
  QToolButton *m_pause, *m_stop, *m_start;
};

/// Bands of the stages, as long as their steps, filled as far as they are done.
class StageBands : public QWidget {
  Q_OBJECT

 public:
  explicit StageBands(QWidget* parent = nullptr);
  void setProgress(const RunProgress& progress);
  QSize sizeHint() const override { return {480, 40}; }
  QSize minimumSizeHint() const override { return {160, 40}; }

 protected:
  void paintEvent(QPaintEvent*) override;

 private:
  RunProgress m_progress;
};

}  // namespace llavakd
