// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QTimer>
#include <QWidget>
#include <memory>

#include "core/project/options.h"
#include "widgets/document/newest_request.h"
#include "widgets/frame/page.h"
#include "widgets/pages/inspect/probe_reader.h"
#include "widgets/shared/chart_export.h"
#include "widgets/shared/probe_history.h"

class QStackedWidget;
class QTabBar;
class QToolButton;

namespace llavakd {

class ElidedLabel;
class InlineMessage;
class LiveLook;
class LoadingPlaceholder;
class PictureStrip;
class RelationPanel;
class ServeClient;
class SourceChoice;
class StepChart;
class StepSlider;
class TextLabel;
class TokenPanel;

/// The Inspect page: how the student's relations between visual tokens come near the teacher's, and what both expect
/// word by word, for each probe over the steps of the run.
class InspectPage : public QWidget {
  Q_OBJECT

 public:
  static PageDescriptor descriptor();
  /// `serve` looks inside checkpoints; without it there is what the run recorded.
  InspectPage(ProjectDocument* document, RunWatcher* run, ServeClient* serve = nullptr, QWidget* parent = nullptr);

  RelationPanel* panel() const { return m_panel; }
  TokenPanel* tokens() const { return m_tokens; }
  /// Relations or tokens.
  QTabBar* tabs() const { return m_tabs; }
  StepSlider* slider() const { return m_slider; }
  StepChart* chart() const { return m_chart; }
  ElidedLabel* question() const { return m_question; }
  SourceChoice* source() const { return m_source; }
  /// What a live look shows, and whether a run is trained on it.
  QString sourceNote() const;
  QToolButton* exportButton() const { return m_export; }
  PictureStrip* strip() const { return m_strip; }
  InlineMessage* message() const { return m_message; }
  QString stepText() const;
  /// What is said where there is no look to show.
  QString emptyText() const;

 public Q_SLOTS:
  /// Shows the look nearest to this step of the run.
  void showStep(qint64 step);
  void play(bool on);

 protected:
  void changeEvent(QEvent* event) override;

 private:
  QWidget* makeContent();
  QWidget* makeTime();
  void makeTabs();
  void makeExportMenu();
  void placeSlider();
  void connectParts();
  void connectSource();
  /// Another run is followed.
  void forget();
  void takeEvents(const std::vector<Event>& events);
  Project shownProject() const;
  void showProbes();
  void chooseProbe(int probe);
  void showPage();
  QString whyNoLook() const;
  void showCourses();
  void showChart();
  void readPictureOf(int probe);
  void look();
  void take(std::shared_ptr<const ProbeLook> look);
  int checkpointBefore(int step) const;
  void lookInside(int step, int probe);
  void takeLive(const std::shared_ptr<const ProbeLook>& look);
  void showLook(const std::shared_ptr<const ProbeLook>& look);
  void showNothing(const QString& why);
  void showTab();
  void readTokenizer();
  /// Whether relations of a checkpoint are shown, not those that the run recorded.
  bool looksInside() const;
  QString fileOf(int step, int probe) const;
  void takeFailure(const QString& file, const QString& message);
  QString placeOfStep(int step) const;
  /// Of a look at the chosen picture; -1: the file is none.
  int stepOf(const QString& file) const;
  void showOrigin(int step);
  void setStepText(const QString& text);

  ProjectDocument* m_document;
  RunWatcher* m_run;
  Project m_project;  ///< Whose probes the run looked at.
  ProbeHistory m_history;
  ProbeReader* m_reader;
  LiveLook* m_live;     ///< Null without `serve`.
  QString m_livePlace;  ///< Whose weights it looks at.
  QTimer m_player;
  NewestRequest m_pictureReadings, m_tokenizerReadings;
  std::shared_ptr<const ProbeLook> m_look;  ///< That is shown; null: none.
  QString m_tokenizerOf;                    ///< Of which student the tokenizer is, or is being read.
  ChartOrigin m_origin;                     ///< Of the chart.
  QStackedWidget* m_stack;
  ElidedLabel* m_question;
  TextLabel *m_empty, *m_stepText, *m_sourceNote;
  SourceChoice* m_source;
  InlineMessage* m_message;
  LoadingPlaceholder* m_reading;
  PictureStrip* m_strip;
  QTabBar* m_tabs;
  RelationPanel* m_panel;
  TokenPanel* m_tokens;
  QWidget* m_time = nullptr;  ///< Under the panel that is shown.
  StepSlider* m_slider;
  StepChart* m_chart;
  QToolButton *m_play, *m_export;
};

}  // namespace llavakd
