// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/main_window.h"

#include <QCloseEvent>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QMessageBox>
#include <QMimeData>
#include <QPushButton>
#include <QSettings>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>

#include "widgets/document/project_document.h"
#include "widgets/frame/log_drawer.h"
#include "widgets/frame/project_bands.h"
#include "widgets/frame/rail.h"
#include "widgets/frame/run_chooser.h"
#include "widgets/frame/run_strip.h"
#include "widgets/pages/data/data_page.h"
#include "widgets/pages/failures/failures_page.h"
#include "widgets/pages/inspect/inspect_page.h"
#include "widgets/pages/page_table.h"
#include "widgets/pages/project/project_page.h"
#include "widgets/pages/runs/runs_page.h"
#include "widgets/pages/stages/stages_page.h"
#include "widgets/pages/start/recent_projects.h"
#include "widgets/pages/start/start_page.h"
#include "widgets/pages/train/train_page.h"
#include "widgets/run/run_controller.h"
#include "widgets/run/run_selection.h"
#include "widgets/run/run_watcher.h"
#include "widgets/run/serve_client.h"
#include "widgets/theme/parts.h"

namespace llavakd {

MainWindow::MainWindow(QWidget* parent)
    : QMainWindow(parent),
      m_table(llavakd::pageTable()),
      m_document(new ProjectDocument(this)),
      m_run(new RunWatcher(this)),
      m_controller(new RunController(m_document, m_run, this)) {
  setAcceptDrops(true);
  setMinimumSize(720, 400);  // a screen of 1440 x 900 at 200 %, without what the desktop takes of it
  makeFrame();
  connectFrame();
  makeMenus();
  connectDocument();
  const QByteArray geometry = QSettings().value(QStringLiteral("window/geometry")).toByteArray();
  if (geometry.isEmpty() || !restoreGeometry(geometry)) resize(1440, 900);
  updateTitle();
  updateActions();
  showPage(StartPage::id());
}

// The pages go before what they were made from.
MainWindow::~MainWindow() {
  m_document->disconnect();
  m_run->disconnect();
  m_bands = nullptr;
  delete centralWidget();
}

void MainWindow::makeFrame() {
  auto* centre = new QWidget(this);
  auto* row = new QHBoxLayout(centre);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(0);
  m_rail = new Rail(m_table, centre);
  row->addWidget(m_rail);
  auto* column = new QVBoxLayout;
  column->setSpacing(0);
  row->addLayout(column, 1);
  m_strip = new RunStrip(m_document, m_run, centre);
  column->addWidget(m_strip);
  m_splitter = new QSplitter(Qt::Vertical, centre);
  m_splitter->setChildrenCollapsible(false);
  column->addWidget(m_splitter, 1);

  m_pages = new QStackedWidget(m_splitter);
  makePages();
  m_log = new LogDrawer(m_run, m_splitter);
  m_log->hide();
  m_splitter->setStretchFactor(0, 1);
  m_splitter->setSizes({600, 180});
  // Messages that concern no single page. Below it: they come while something is being clicked, which must not move.
  auto* messages = new QVBoxLayout;
  messages->setContentsMargins(theme::pageMargin, 0, theme::pageMargin, theme::gapTiny);
  messages->setSpacing(theme::gapTiny);
  messages->addWidget(m_message = new InlineMessage(centre));
  messages->addWidget(m_bands = new ProjectBands(m_document, centre));
  column->addLayout(messages);
  setCentralWidget(centre);
}

void MainWindow::makePages() {
  m_pages->addWidget(m_start = new StartPage);
  const PageContext context{m_document, m_run, m_controller, new ServeClient(this), new RunSelection(m_run, this)};
  for (const PageDescriptor& page : m_table) m_pages->addWidget(m_pageOf[page.id] = page.make(context));
  connect(findChild<RunsPage*>(), &RunsPage::pageRequested, this, &MainWindow::showPage);
  connect(m_strip->findChild<RunChooser*>(), &RunChooser::allRunsRequested, this,
          [this] { showPage(RunsPage::descriptor().id); });
  // The pages that lead to another.
  auto* train = findChild<TrainPage*>();
  auto* inspect = findChild<InspectPage*>();
  connect(train, &TrainPage::inspectRequested, this, [this, inspect](qint64 step) {
    inspect->showStep(step);
    showPage(InspectPage::descriptor().id);
  });
  connect(train, &TrainPage::pageRequested, this, &MainWindow::showPage);
  connect(train, &TrainPage::logRequested, this, [this] { m_logAction->toggle(); });
  connect(findChild<FailuresPage*>(), &FailuresPage::pageRequested, this, &MainWindow::showPage);
  auto* samples = findChild<DataPage*>();
  connect(train, &TrainPage::sampleRequested, this, [this, samples](const QString& stage, const QString& id) {
    showPage(DataPage::descriptor().id);
    samples->openSample(stage, id);
  });
  connect(findChild<StagesPage*>(), &StagesPage::samplesRequested, this, [this, samples](const QString& stage) {
    samples->openStage(stage);
    showPage(DataPage::descriptor().id);
  });
  connect(findChild<ProjectPage*>(), &ProjectPage::samplesRequested, this, [this, samples](const QString& key) {
    showPage(DataPage::descriptor().id);
    samples->openLeftOut(key);
  });
  const auto showField = [this](const QString& key) {
    if (!key.startsWith(QStringLiteral("stages"))) {
      showPage(ProjectPage::descriptor().id);
      return findChild<ProjectPage*>()->showField(key);
    }
    showPage(StagesPage::descriptor().id);
    const int stage = key.section(u'[', 1).section(u']', 0, 0).toInt();
    findChild<StagesPage*>()->showField(stage, key.section(u'.', 1, 1));
  };
  connect(findChild<ProjectPage*>(), &ProjectPage::fieldRequested, this, showField);
  connect(train, &TrainPage::fieldRequested, this, showField);
  connect(samples, &DataPage::fieldRequested, this, showField);
}

void MainWindow::connectFrame() {
  connect(m_rail, &Rail::pageRequested, this, &MainWindow::showPage);
  connect(m_strip, &RunStrip::startRequested, this, [this] { startRun(false); });
  connect(m_strip, &RunStrip::resumeRequested, this, [this] {
    if (m_run->state() == RunState::paused)
      goOn();
    else
      startRun(true);
  });
  connect(m_controller, &RunController::waitingChanged, m_strip, &RunStrip::setWaiting);
  connect(m_strip, &RunStrip::pauseRequested, m_controller, &RunController::pause);
  connect(m_strip, &RunStrip::stopRequested, m_controller, &RunController::stop);
  connect(m_start, &StartPage::projectMade, m_document, &ProjectDocument::open);
  connect(m_start, &StartPage::projectChosen, this, &MainWindow::openProject);
  connect(m_start, &StartPage::openRequested, this, &MainWindow::chooseProject);
}

void MainWindow::connectDocument() {
  connect(m_document, &ProjectDocument::opened, this, [this] {
    if (currentPage() == StartPage::id()) showPage(ProjectPage::descriptor().id);
  });
  connect(m_document, &ProjectDocument::closed, this, [this] { showPage(StartPage::id()); });
  connect(m_document, &ProjectDocument::pathChanged, this, [this] {
    m_message->dismiss();  // it was about the project before
    if (m_document->isOpen()) addRecentProject(m_document->path());
    setLastProject(m_document->path());
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
  connect(m_document, &ProjectDocument::saved, m_message, &InlineMessage::dismiss);
  connect(m_run, &RunWatcher::progressChanged, this, &MainWindow::updateActions);
  connect(m_controller, &RunController::engineFailed, this, [this](const QString& text) {
    if (currentPage() != TrainPage::descriptor().id) showError(text);  // that page says it itself
  });
}

void MainWindow::showError(const QString& text, const QString& button, std::function<void()> action) {
  InlineMessage* place = currentPage() == StartPage::id() ? m_start->message() : m_message;
  place->showMessage(InlineMessage::Kind::error, text, button, std::move(action));
}

QWidget* MainWindow::shownPage() const {
  return m_pages->currentWidget();
}

QString MainWindow::currentPage() const {
  return m_pageOf.key(shownPage(), StartPage::id());
}

void MainWindow::showPage(const QString& id) {
  QWidget* page = m_document->isOpen() ? m_pageOf.value(id, m_start) : m_start;
  if (page == m_start) m_start->refresh();
  m_pages->setCurrentWidget(page);
  m_rail->setPage(currentPage());
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
  box.button(QMessageBox::Save)->setText(tr("&Save"));
  box.button(QMessageBox::Discard)->setText(tr("&Discard"));
  box.button(QMessageBox::Cancel)->setText(tr("&Cancel"));
  const int answer = box.exec();
  if (answer == QMessageBox::Discard) next();
  if (answer == QMessageBox::Save)
    m_document->save([next = std::move(next)](bool ok) {
      if (ok) next();
    });
}

void MainWindow::startRun(bool resume) {
  if (!m_document->isOpen()) return;
  showPage(TrainPage::descriptor().id);
  resume ? m_controller->resume() : m_controller->start();
}

// A gate is answered on the Train page.
void MainWindow::goOn() {
  if (m_run->progress().unmetGate) showPage(TrainPage::descriptor().id);
  m_controller->resume();
}

bool MainWindow::mayLeaveRun() {
  const QString told = QStringLiteral("told/runGoesOn");
  const bool waits = m_run->state() == RunState::paused && m_run->progress().unmetGate.has_value();
  if (!isActive(m_run->state()) || (QSettings().value(told).toBool() && !waits)) return true;
  QMessageBox box(QMessageBox::Information, tr("The run goes on"), tr("The run goes on without this window."),
                  QMessageBox::Close | QMessageBox::Cancel, this);
  box.setInformativeText(tr(
      "It is a program of its own: open the project again to watch it, pause it or stop it. This is said only once."));
  if (waits) {
    box.setWindowTitle(tr("The run waits"));
    box.setText(tr("The run waits at the gate of %1 for an answer.").arg(m_run->progress().gateStage));
    box.setInformativeText(tr("It doesn’t go on by itself: open the project again to answer."));
  }
  box.setDefaultButton(QMessageBox::Close);
  box.button(QMessageBox::Close)->setText(tr("C&lose the window"));
  box.button(QMessageBox::Cancel)->setText(tr("&Cancel"));
  if (box.exec() != QMessageBox::Close) return false;
  if (!waits) QSettings().setValue(told, true);
  return true;
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
  if (!mayLeaveRun()) {
    m_mayClose = false;
    event->ignore();
    return;
  }
  QSettings().setValue(QStringLiteral("window/geometry"), saveGeometry());
  event->accept();
}

void MainWindow::changeEvent(QEvent* event) {
  // Whoever comes back to the window may have edited the project's file meanwhile.
  if (event->type() == QEvent::ActivationChange && m_bands && isActiveWindow()) m_bands->look();
  QMainWindow::changeEvent(event);
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
  if (file.isDir() && m_document->isOpen()) showPage(ProjectPage::descriptor().id);
}

void MainWindow::dropEvent(QDropEvent* event) {
  openProject(event->mimeData()->urls().front().toLocalFile());
}

}  // namespace llavakd
