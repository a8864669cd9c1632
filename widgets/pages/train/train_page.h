// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>

#include "widgets/document/newest_request.h"
#include "widgets/frame/page.h"
#include "widgets/run/run_progress.h"

class QStackedWidget;

namespace llavakd {

class ActionButton;
class GatePanel;
class InlineMessage;
class LoadingPlaceholder;
class RunCharts;
class RunCommand;
class TextLabel;
struct RunMessage;

/// The Train page: asks for what the run of the open project shall do and shows its course.
class TrainPage : public QWidget {
  Q_OBJECT

 public:
  static PageDescriptor descriptor();
  /// `selection`: the runs to draw over the one at hand; null: none.
  TrainPage(ProjectDocument* document, RunWatcher* run, RunController* controller, RunSelection* selection = nullptr,
            QWidget* parent = nullptr);

  RunCommand* command() const { return m_command; }
  RunCharts* charts() const { return m_charts; }
  InlineMessage* message() const { return m_message; }
  GatePanel* gate() const { return m_gate; }

 Q_SIGNALS:
  /// The user wants to look at the probes of this step of the run.
  void inspectRequested(qint64 step);
  /// What keeps a run from starting can be mended on the page of this id.
  void pageRequested(const QString& id);
  /// The user wants to look at the sample that the run failed at.
  void sampleRequested(const QString& stage, const QString& id);
  /// The user wants to look at an option of a stage: "stages[1].learning_rate".
  void fieldRequested(const QString& key);
  /// The run's log, which is one for all pages, is to be shown or hidden.
  void logRequested();

 private:
  QWidget* makeEmptyPage();
  void connectController();
  void connectRun();
  bool isProjectOpen() const;
  void showMessage(const RunMessage& message);
  void refresh();
  bool hasEndedAtStart() const;
  void showCommand();
  void showRecord();
  void readOverlays();

  ProjectDocument* m_document;
  RunWatcher* m_run;
  RunController* m_controller;
  RunSelection* m_selection;
  NewestRequest m_overlayReadings;
  InlineMessage* m_message;
  GatePanel* m_gate;
  QStackedWidget* m_stack;
  LoadingPlaceholder* m_reading;
  RunCommand* m_command;
  RunCharts* m_charts;
  TextLabel* m_emptyText;
  ActionButton* m_emptyStart;
  RunState m_lastState = RunState::none;
};

}  // namespace llavakd
