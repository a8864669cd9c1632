// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>

#include "widgets/frame/page.h"

class QStackedWidget;

namespace llavakd {

class ActionButton;
class InlineMessage;
class RunCharts;
class RunControls;
class TextLabel;

/// The Train page: asks for what the run of the open project shall do and shows its course.
class TrainPage : public QWidget {
  Q_OBJECT

 public:
  static PageDescriptor descriptor();
  TrainPage(ProjectDocument* document, RunWatcher* run, RunController* controller, QWidget* parent = nullptr);

  RunControls* controls() const { return m_controls; }
  RunCharts* charts() const { return m_charts; }
  InlineMessage* message() const { return m_message; }

 Q_SIGNALS:
  /// The user wants to look at the probes of this step of the run.
  void inspectRequested(qint64 step);
  /// What keeps a run from starting can be mended on the page of this id.
  void pageRequested(const QString& id);

 private:
  QWidget* makeEmptyPage();
  void connectController();
  void connectRun();
  bool isProjectOpen() const;
  void refresh();
  void showCommand();
  void showRecord();

  ProjectDocument* m_document;
  RunWatcher* m_run;
  RunController* m_controller;
  InlineMessage* m_message;
  QStackedWidget* m_stack;
  RunControls* m_controls;
  RunCharts* m_charts;
  TextLabel *m_emptyText, *m_emptyCommand;
  ActionButton* m_emptyStart;
};

}  // namespace llavakd
