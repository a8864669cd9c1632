// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>

#include "widgets/frame/page.h"
#include "widgets/run/run_row.h"

class QLineEdit;
class QPushButton;
class QSplitter;
class QStackedWidget;
class QToolButton;

namespace llavakd {

class AblationPanel;
class ImportMenu;
class InlineMessage;
class LoadingPlaceholder;
class RunCatalog;
class RunComparison;
class RunDetails;
class QueuePanel;
class RunQueue;
class RunsTable;
class TextLabel;

/// The Runs page: all runs in the project's folder as a table, and below it what is known of the one that is selected,
/// or how several differ; or the table of an ablation. The queue of runs that shall be started lives here.
class RunsPage : public QWidget {
  Q_OBJECT

 public:
  static PageDescriptor descriptor();
  explicit RunsPage(const PageContext& context, QWidget* parent = nullptr);

  RunsTable* table() const { return m_table; }
  RunCatalog* catalog() const { return m_catalog; }
  RunQueue* queue() const { return m_queue; }
  InlineMessage* message() const { return m_message; }
  ImportMenu* importMenu() const { return m_importMenu; }

 Q_SIGNALS:
  /// Another page shall show the run that was chosen.
  void pageRequested(const QString& id);

 protected:
  void showEvent(QShowEvent* event) override;
  void hideEvent(QHideEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;

 private:
  QWidget* makeHead();
  QWidget* makeEmptyPage();
  QWidget* makeContent();
  void connectParts();
  void connectQueue();
  void refresh();
  /// Gives the table what its rows need, and the rest to what is known of the chosen run.
  void fitTable();
  void refreshAblations();
  void refreshQueue();
  void showSelection();
  void open(const QString& folder, const QString& page);
  void askForArms();
  void askForRules();
  void deleteSelected();
  void removeRuns(const std::vector<RunRow>& runs);

  ProjectDocument* m_document;
  RunWatcher* m_run;
  RunSelection* m_selection;
  RunCatalog* m_catalog;
  RunQueue* m_queue;
  InlineMessage* m_message;
  QStackedWidget* m_stack;
  LoadingPlaceholder* m_reading;
  TextLabel *m_count, *m_empty, *m_hint;
  QPushButton* m_again;
  QLineEdit* m_filter;
  RunsTable* m_table;
  QSplitter* m_splitter;
  bool m_splitByHand = false;
  QString m_fittedTo;  ///< The project whose runs the table was fitted to.
  QStackedWidget* m_lower;
  RunDetails* m_details;
  RunComparison* m_comparison;
  AblationPanel* m_ablations;
  QueuePanel* m_queuePanel;
  ImportMenu* m_importMenu;
  QToolButton *m_import, *m_showAblations, *m_add, *m_showQueue;
};

}  // namespace llavakd
