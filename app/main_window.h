// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QHash>
#include <QMainWindow>
#include <functional>

#include "widgets/frame/page.h"

class QMenu;
class QSplitter;
class QStackedWidget;

namespace llavakd {

class InlineMessage;
class LogDrawer;
class ProjectBands;
class Rail;
class RunStrip;
class StartPage;

/// The frame: rail, run strip, pages, log drawer and menus. It owns what the pages are made from (PageContext), makes
/// them from the page table, and connects those that lead to another.
class MainWindow : public QMainWindow {
  Q_OBJECT

 public:
  explicit MainWindow(QWidget* parent = nullptr);
  ~MainWindow() override;

  /// Opens a project file, asking first whether to save what is open.
  void openProject(const QString& path);
  /// Shows the page of this id; the start page while no project is open.
  void showPage(const QString& id);
  /// Its id in the page table, or StartPage::id().
  QString currentPage() const;
  /// The pages of an open project in the order of the rail.
  const std::vector<PageDescriptor>& pageTable() const { return m_table; }
  QWidget* shownPage() const;

  ProjectDocument* document() const { return m_document; }
  RunWatcher* run() const { return m_run; }

 protected:
  void closeEvent(QCloseEvent* event) override;
  void changeEvent(QEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;

 private:
  void makeFrame();
  void makePages();
  void connectFrame();
  void connectDocument();
  void makeMenus();
  void makeFileMenu();
  void makeRunMenu();
  void makeViewMenu();
  void fillRecentMenu();

  void newProject(const QString& templateName);
  void chooseProject();
  void saveAs();
  /// Calls `next` when the open project may go: it is unmodified, saved now, or the user lets go of the changes.
  void whenUnmodified(std::function<void()> next);
  void startRun(bool resume);
  /// With a paused run.
  void goOn();
  /// Tells, the first time, that a run goes on without the window; false: the window stays open.
  bool mayLeaveRun();
  void saveFaultReport();
  void about();
  void updateTitle();
  void updateActions();
  void showError(const QString& text, const QString& button = {}, std::function<void()> action = {});

  const std::vector<PageDescriptor> m_table;
  ProjectDocument* m_document;
  RunWatcher* m_run;
  RunController* m_controller;
  Rail* m_rail;
  RunStrip* m_strip;
  QStackedWidget* m_pages;
  QSplitter* m_splitter;
  LogDrawer* m_log;
  InlineMessage* m_message;
  ProjectBands* m_bands = nullptr;
  StartPage* m_start;
  QHash<QString, QWidget*> m_pageOf;  ///< Those of the table by their ids.

  QMenu* m_recentMenu = nullptr;
  QAction *m_save = nullptr, *m_saveAs = nullptr, *m_closeProject = nullptr;
  QAction *m_startAction = nullptr, *m_pauseAction = nullptr, *m_stopAction = nullptr, *m_saveNow = nullptr;
  QAction* m_logAction = nullptr;
  QList<QAction*> m_pageActions;
  bool m_mayClose = false;  ///< The question at closing has been answered.
};

}  // namespace llavakd
