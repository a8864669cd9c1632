// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QTimer>
#include <QWidget>
#include <memory>

#include "widgets/document/newest_request.h"
#include "widgets/frame/page.h"
#include "widgets/pages/inspect/probe_reader.h"
#include "widgets/shared/probe_history.h"

class QStackedWidget;
class QToolButton;

namespace llavakd {

class InlineMessage;
class PictureStrip;
class RelationPanel;
class StepChart;
class StepSlider;
class TextLabel;

/// The Inspect page: how the student's relations between visual tokens come near the teacher's, for each probe over the
/// steps of the run.
class InspectPage : public QWidget {
  Q_OBJECT

 public:
  static PageDescriptor descriptor();
  InspectPage(ProjectDocument* document, RunWatcher* run, QWidget* parent = nullptr);

  RelationPanel* panel() const { return m_panel; }
  StepSlider* slider() const { return m_slider; }
  PictureStrip* strip() const { return m_strip; }
  InlineMessage* message() const { return m_message; }
  QString stepText() const;

 public Q_SLOTS:
  /// Shows the look nearest to this step of the run.
  void showStep(qint64 step);
  void play(bool on);

 protected:
  void changeEvent(QEvent* event) override;

 private:
  QWidget* makeContent();
  void connectParts();
  /// Another run is followed.
  void forget();
  void takeEvents(const std::vector<Event>& events);
  void showProbes();
  void showPage();
  void showCourses();
  void showChart();
  void readPictureOf(int probe);
  void look();
  void take(std::shared_ptr<const ProbeLook> look);
  QString fileOf(int step, int probe) const;
  void setStepText(const QString& text);

  ProjectDocument* m_document;
  RunWatcher* m_run;
  ProbeHistory m_history;
  ProbeReader* m_reader;
  QTimer m_player;
  NewestRequest m_pictureReadings;
  QStackedWidget* m_stack;
  TextLabel *m_empty, *m_question, *m_stepText;
  InlineMessage* m_message;
  PictureStrip* m_strip;
  RelationPanel* m_panel;
  StepSlider* m_slider;
  StepChart* m_chart;
  QToolButton* m_play;
};

}  // namespace llavakd
