// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QMainWindow>
#include <functional>

#include "widgets/frame/page.h"

class QMenu;
class QSplitter;
class QStackedWidget;

namespace llavakd {

class ComparePage;
class EngineProcess;
class InlineMessage;
class InspectPage;
class LogDrawer;
class ProjectDocument;
class ProjectPage;
class Rail;
class RunStrip;
class RunWatcher;
class StagesPage;
class StartPage;
class TrainPage;

/// The frame: rail, run strip, pages, log drawer and menus. It owns the document, the run and the engine, and connects
/// the pages, which don't know each other.
class MainWindow : public QMainWindow {
  Q_OBJECT

 public:
  explicit MainWindow(QWidget* parent = nullptr);
  ~MainWindow() override;

  /// Opens a project file, asking first whether to save what is open.
  void openProject(const QString& path);
  void showPage(Page page);
  Page currentPage() const;

  ProjectDocument* document() const { return m_document; }
  RunWatcher* run() const { return m_run; }

 protected:
  void closeEvent(QCloseEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;

 private:
  void makeFrame();
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
  void about();
  void updateTitle();
  void updateActions();
  void showError(const QString& text, const QString& button = {}, std::function<void()> action = {});

  ProjectDocument* m_document;
  RunWatcher* m_run;
  EngineProcess* m_engine;
  Rail* m_rail;
  RunStrip* m_strip;
  QStackedWidget* m_pages;
  QSplitter* m_splitter;
  LogDrawer* m_log;
  InlineMessage* m_message;
  StartPage* m_start;
  ProjectPage* m_projectPage;
  StagesPage* m_stagesPage;
  TrainPage* m_trainPage;
  InspectPage* m_inspectPage;
  ComparePage* m_comparePage;

  QMenu* m_recentMenu = nullptr;
  QAction *m_save = nullptr, *m_saveAs = nullptr, *m_closeProject = nullptr;
  QAction *m_startAction = nullptr, *m_pauseAction = nullptr, *m_stopAction = nullptr, *m_saveNow = nullptr;
  QList<QAction*> m_pageActions;
  bool m_mayClose = false;  ///< The question at closing has been answered.
};

}  // namespace llavakd
