// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/main_window.h"

#include <QCloseEvent>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QMessageBox>
#include <QMimeData>
#include <QSettings>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>

#include "widgets/document/project_document.h"
#include "widgets/frame/log_drawer.h"
#include "widgets/frame/rail.h"
#include "widgets/frame/run_strip.h"
#include "widgets/pages/compare/compare_page.h"
#include "widgets/pages/inspect/inspect_page.h"
#include "widgets/pages/project/project_page.h"
#include "widgets/pages/stages/stages_page.h"
#include "widgets/pages/start/recent_projects.h"
#include "widgets/pages/start/start_page.h"
#include "widgets/pages/train/train_page.h"
#include "widgets/run/engine_process.h"
#include "widgets/run/run_watcher.h"
#include "widgets/theme/parts.h"

namespace llavakd {

MainWindow::MainWindow(QWidget* parent)
    : QMainWindow(parent),
      m_document(new ProjectDocument(this)),
      m_run(new RunWatcher(this)),
      m_engine(new EngineProcess(this)) {
  setAcceptDrops(true);
  setMinimumSize(720, 480);
  makeFrame();
  makeMenus();
  connectDocument();
  const QByteArray geometry = QSettings().value(QStringLiteral("window/geometry")).toByteArray();
  if (geometry.isEmpty() || !restoreGeometry(geometry)) resize(1440, 900);
  updateTitle();
  updateActions();
  showPage(Page::start);
}

MainWindow::~MainWindow() = default;

void MainWindow::makeFrame() {
  auto* centre = new QWidget(this);
  auto* row = new QHBoxLayout(centre);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(0);
  m_rail = new Rail(centre);
  row->addWidget(m_rail);
  auto* column = new QVBoxLayout;
  column->setSpacing(0);
  row->addLayout(column, 1);
  m_strip = new RunStrip(centre);
  column->addWidget(m_strip);
  // Messages that concern no single page; it takes no room while it is hidden.
  auto* messageRow = new QVBoxLayout;
  messageRow->setContentsMargins(theme::pageMargin, 0, theme::pageMargin, 0);
  m_message = new InlineMessage(centre);
  messageRow->addWidget(m_message);
  column->addLayout(messageRow);
  m_splitter = new QSplitter(Qt::Vertical, centre);
  m_splitter->setChildrenCollapsible(false);
  column->addWidget(m_splitter, 1);

  m_pages = new QStackedWidget(m_splitter);
  m_pages->addWidget(m_start = new StartPage);
  m_pages->addWidget(m_projectPage = new ProjectPage);
  m_pages->addWidget(m_stagesPage = new StagesPage);
  m_pages->addWidget(m_trainPage = new TrainPage);
  m_pages->addWidget(m_inspectPage = new InspectPage);
  m_pages->addWidget(m_comparePage = new ComparePage);
  m_log = new LogDrawer(m_splitter);
  m_log->hide();
  m_splitter->setStretchFactor(0, 1);
  m_splitter->setSizes({600, 180});
  setCentralWidget(centre);

  m_strip->setDocument(m_document);
  m_strip->setRun(m_run);
  m_log->setRun(m_run);
  m_projectPage->setDocument(m_document);
  m_stagesPage->setDocument(m_document);
  m_stagesPage->setRun(m_run);
  m_trainPage->setDocument(m_document);
  m_trainPage->setRun(m_run);
  m_trainPage->setEngine(m_engine);
  m_inspectPage->setDocument(m_document);
  m_inspectPage->setRun(m_run);
  m_comparePage->setDocument(m_document);
  m_comparePage->setRun(m_run);

  connect(m_trainPage, &TrainPage::inspectRequested, this, [this](qint64 step) {
    m_inspectPage->showStep(step);
    showPage(Page::inspect);
  });
  connect(m_rail, &Rail::pageRequested, this, &MainWindow::showPage);
  connect(m_strip, &RunStrip::startRequested, this, [this] { startRun(false); });
  connect(m_strip, &RunStrip::resumeRequested, this, [this] {
    if (m_run->state() == RunState::paused)
      m_trainPage->resume();
    else
      startRun(true);
  });
  connect(m_strip, &RunStrip::pauseRequested, m_trainPage, &TrainPage::pause);
  connect(m_strip, &RunStrip::stopRequested, m_trainPage, &TrainPage::stop);
  connect(m_start, &StartPage::templateChosen, this, &MainWindow::newProject);
  connect(m_start, &StartPage::projectChosen, this, &MainWindow::openProject);
  connect(m_start, &StartPage::openRequested, this, &MainWindow::chooseProject);
}

void MainWindow::connectDocument() {
  connect(m_document, &ProjectDocument::opened, this, [this] {
    m_message->dismiss();
    addRecentProject(m_document->path());
    if (currentPage() == Page::start) showPage(Page::project);
  });
  connect(m_document, &ProjectDocument::closed, this, [this] { showPage(Page::start); });
  connect(m_document, &ProjectDocument::pathChanged, this, [this] {
    m_run->setProjectFile(m_document->path());
    updateTitle();
    updateActions();
  });
  connect(m_document, &ProjectDocument::changed, this, &MainWindow::updateTitle);
  connect(m_document, &ProjectDocument::modifiedChanged, this, [this](bool modified) {
    setWindowModified(modified);
    updateActions();
  });
  connect(m_document, &ProjectDocument::openFailed, this, [this](const QString& text) { showError(text); });
  connect(m_document, &ProjectDocument::saveFailed, this,
          [this](const QString& text) { showError(text, tr("Save elsewhere…"), [this] { saveAs(); }); });
  connect(m_run, &RunWatcher::progressChanged, this, &MainWindow::updateActions);
  connect(m_engine, &EngineProcess::failed, this, [this](const QString& text) {
    if (currentPage() != Page::train) showError(text);  // that page says it itself
  });
}

void MainWindow::showError(const QString& text, const QString& button, std::function<void()> action) {
  InlineMessage* place = currentPage() == Page::start ? m_start->message() : m_message;
  place->showMessage(InlineMessage::Kind::error, text, button, std::move(action));
}

Page MainWindow::currentPage() const {
  return Page(m_pages->currentIndex() - 1);
}

void MainWindow::showPage(Page page) {
  if (page != Page::start && !m_document->isOpen()) page = Page::start;
  if (page == Page::start) m_start->refresh();
  m_pages->setCurrentIndex(int(page) + 1);
  m_rail->setPage(page);
}

void MainWindow::updateTitle() {
  setWindowFilePath(m_document->path());
  setWindowTitle(m_document->isOpen() ? QStringLiteral("%1[*] — LLaVA-KD Studio").arg(m_document->name())
                                      : QStringLiteral("LLaVA-KD Studio"));
  setWindowModified(m_document->isModified());
}

void MainWindow::openProject(const QString& path) {
  whenUnmodified([this, path] {
    if (!QFileInfo::exists(path)) removeRecentProject(path);
    m_document->open(path);
  });
}

void MainWindow::whenUnmodified(std::function<void()> next) {
  if (!m_document->isModified()) {
    next();
    return;
  }
  QMessageBox box(QMessageBox::Question, tr("Unsaved changes"), tr("Save the changes to “%1”?").arg(m_document->name()),
                  QMessageBox::Save | QMessageBox::Discard | QMessageBox::Cancel, this);
  box.setInformativeText(tr("Without saving they are lost."));
  box.setDefaultButton(QMessageBox::Save);
  const int answer = box.exec();
  if (answer == QMessageBox::Discard) next();
  if (answer == QMessageBox::Save)
    m_document->save([next = std::move(next)](bool ok) {
      if (ok) next();
    });
}

void MainWindow::startRun(bool resume) {
  if (!m_document->isOpen()) return;
  showPage(Page::train);
  resume ? m_trainPage->resume() : m_trainPage->start();
}

void MainWindow::closeEvent(QCloseEvent* event) {
  if (m_document->isModified() && !m_mayClose) {
    event->ignore();
    // Saving happens on another thread; the window closes when it is done.
    whenUnmodified([this] {
      m_mayClose = true;
      close();
    });
    return;
  }
  QSettings().setValue(QStringLiteral("window/geometry"), saveGeometry());
  event->accept();  // a run goes on: it is a process of its own
}

void MainWindow::resizeEvent(QResizeEvent* event) {
  m_rail->setFolded(width() < theme::foldBelow);
  QMainWindow::resizeEvent(event);
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
  const auto urls = event->mimeData()->urls();
  if (urls.size() != 1 || !urls.front().isLocalFile()) return;
  const QFileInfo file(urls.front().toLocalFile());
  if (file.suffix() == QStringLiteral("kdproj")) event->acceptProposedAction();
  // A checkpoint's place is one of the two cards: bring them under the pointer.
  if (file.isDir() && m_document->isOpen()) showPage(Page::project);
}

void MainWindow::dropEvent(QDropEvent* event) {
  openProject(event->mimeData()->urls().front().toLocalFile());
}

}  // namespace llavakd
