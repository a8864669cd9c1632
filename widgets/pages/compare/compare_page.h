// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QSet>
#include <QStringList>
#include <QWidget>
#include <map>
#include <vector>

#include "core/project/options.h"
#include "widgets/document/newest_request.h"
#include "widgets/frame/page.h"
#include "widgets/pages/compare/asked_thread.h"
#include "widgets/pages/compare/evaluation_questions.h"
#include "widgets/pages/compare/kept_thread.h"
#include "widgets/shared/probe_history.h"

class QMenu;
class QStackedWidget;
class QToolButton;
class QVBoxLayout;

namespace llavakd {

class ActionButton;
class AskSettingsButton;
class ChosenModels;
class InlineMessage;
class PictureStrip;
class PictureView;
class QuestionEdit;
class TextLabel;
class ThreadRow;

/// The Compare page: pictures, a question, whom to ask, and below the thread of all asks with every model's answer.
class ComparePage : public QWidget {
  Q_OBJECT

 public:
  static PageDescriptor descriptor();
  /// `serve` answers.
  ComparePage(ProjectDocument* document, RunWatcher* run, ServeClient* serve, QWidget* parent = nullptr);
  ~ComparePage() override;

  InlineMessage* message() const { return m_message; }
  PictureStrip* strip() const { return m_strip; }
  PictureView* picture() const { return m_picture; }
  QuestionEdit* question() const { return m_question; }
  ChosenModels* models() const { return m_models; }
  AskSettingsButton* settings() const { return m_settings; }
  QToolButton* removeButton() const { return m_remove; }
  AskedThread* thread() { return &m_thread; }
  /// The rows that are shown, newest first.
  const std::vector<ThreadRow*>& rows() const { return m_rows; }
  bool isBusy() const { return m_thread.isBusy(); }

 public Q_SLOTS:
  void ask();
  void stop();
  void addPictures(const QStringList& files);
  /// Judges two models' answers without their names; the dialog deletes itself.
  void openBlindVote();
  /// Writes the thread and its votes; the format follows from the name's ending.
  void saveThread(const QString& file);

 protected:
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;

 private:
  // compare_page.cpp: what the page consists of.
  QWidget* makeContent();
  QWidget* makeForm();
  QWidget* makeThreadHead();
  void connectParts();
  void connectDocument();
  void connectRun();
  void connectThread();
  void takeProject();
  // compare_page_form.cpp: pictures, examples and models to ask.
  void showPictures();
  void choosePicture();
  QStringList chosenPictures() const;
  void showRemovable();
  void removePicture();
  void fillExamples();
  void addExample(QMenu* menu, const QString& question, const QStringList& pictures);
  void takeExample(const QString& question, const QStringList& pictures);
  void readEvaluations();
  void showModels();
  void readOtherRuns();
  // compare_page_thread.cpp: what is asked, and the rows.
  bool refuseUnsaved();
  void askOn(qint64 row, const QString& question);
  void startServing();
  void leaveOtherModels();
  void leaveRewritten(const std::vector<Event>& events);
  void showPast();
  QString pastOf(const AskedRow& row) const;
  void showRows();
  ThreadRow* makeRow(const AskedRow& row);
  void showBusy();
  void removeRow(qint64 row);
  void takeAgain(qint64 row);
  void exportThread();

  ProjectDocument* m_document;
  RunWatcher* m_run;
  ServeClient* m_serve;
  AskedThread m_thread;
  ThreadKeeper m_keeper;
  ProbeHistory m_history;
  EvaluationQuestions m_evaluations;
  std::vector<EvaluationOptions> m_readEvaluations;  ///< Those that m_evaluations is of.
  NewestRequest m_evaluationReadings, m_runReadings;
  QStringList m_added;                    ///< Pictures beyond the project's probes.
  std::map<QString, double> m_written;    ///< When each checkpoint was written that is known by its folder.
  std::map<QString, double> m_rewritten;  ///< Model folders that were written again, and when that was seen.
  QString m_served;             ///< What of the project the engine has read decides answers; empty: it has read none.
  bool m_untouched = true;      ///< The question is the probe's own and follows the picture.
  std::size_t m_shownRows = 0;  ///< At most.
  std::vector<ThreadRow*> m_rows;
  QStackedWidget* m_stack;
  TextLabel *m_empty, *m_noRows;
  InlineMessage* m_message;
  PictureStrip* m_strip;
  PictureView* m_picture;
  QuestionEdit* m_question;
  AskSettingsButton* m_settings;
  ChosenModels* m_models;
  ActionButton *m_ask, *m_stop, *m_older;
  QToolButton *m_add, *m_remove, *m_examples, *m_vote, *m_export;
  QVBoxLayout* m_threadColumn;
};

/// What of a project decides an answer, apart from the question, as a digest.
QString answersDependOn(const Project& project);

}  // namespace llavakd
