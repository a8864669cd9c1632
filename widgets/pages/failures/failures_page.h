// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>

#include "widgets/frame/page.h"
#include "widgets/pages/failures/answer_source.h"
#include "widgets/shared/probe_history.h"

class QBoxLayout;
class QComboBox;
class QPushButton;
class QStackedWidget;
class QToolButton;

namespace llavakd {

class ActionButton;
class InlineMessage;
class PictureMapView;
class QuestionDetails;
class QuestionFilterBar;
class QuestionGrid;
class QuestionModel;
class TextLabel;

/// The Failures page: the questions of an evaluation by which of teacher and student has them right, with pictures,
/// words and answers; what fails becomes a probe or data to learn from.
class FailuresPage : public QWidget {
  Q_OBJECT

 public:
  static PageDescriptor descriptor();
  FailuresPage(ProjectDocument* document, RunWatcher* run, QWidget* parent = nullptr);

  AnswerSource* source() const { return m_source; }
  QuestionModel* model() const { return m_model; }
  QuestionFilterBar* filters() const { return m_filters; }
  QuestionGrid* grid() const { return m_grid; }
  QuestionDetails* details() const { return m_details; }
  PictureMapView* map() const { return m_map; }
  QComboBox* evaluations() const { return m_evaluations; }
  QComboBox* checkpoints() const { return m_checkpoints; }
  ActionButton* askButton() const { return m_ask; }
  QPushButton* learnButton() const { return m_learn; }
  InlineMessage* message() const { return m_message; }
  QString stateText() const;

 Q_SIGNALS:
  /// Another page is to be shown.
  void pageRequested(const QString& id);

 protected:
  void showEvent(QShowEvent* event) override;

 private:
  QWidget* makeContent();
  QBoxLayout* makeHead();
  QWidget* makeAsking();
  QWidget* makeQuestions();
  QWidget* makeMap();
  void connectParts();
  void connectRun();
  void takeProject();
  void showCheckpoints();
  void look();
  AnswerSubject subject() const;
  void showSource();
  void showProgress();
  void showQuestion(const AnsweredTwice* pair);
  void showListed();
  void showMap();
  void ask(bool map);
  void makeProbe();
  void learn();
  void showLearning(const QString& file, const QString& images, const QString& fault);
  QString stateSentence() const;

  ProjectDocument* m_document;
  RunWatcher* m_run;
  AnswerSource* m_source;
  QuestionModel* m_model;
  ProbeHistory m_history;
  std::shared_ptr<const PairedAnswers> m_shown;
  QStackedWidget *m_stack, *m_states, *m_views, *m_mapStates;
  TextLabel *m_empty, *m_state, *m_progress, *m_mapText, *m_listed;
  InlineMessage* m_message;
  QComboBox *m_evaluations, *m_checkpoints;
  QToolButton *m_picturesButton, *m_mapButton;
  ActionButton* m_ask;
  QPushButton *m_cancel, *m_makeMap, *m_cancelMap, *m_learn;
  QuestionFilterBar* m_filters;
  QuestionGrid* m_grid;
  QuestionDetails* m_details;
  PictureMapView* m_map;
};

}  // namespace llavakd
