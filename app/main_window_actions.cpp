// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QActionGroup>
#include <QDialog>
#include <QDialogButtonBox>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QMenuBar>
#include <QMessageBox>
#include <QStandardPaths>
#include <QVBoxLayout>

#include "app/fault_report.h"
#include "app/main_window.h"
#include "app/shortcut_sheet.h"
#include "core/project/catalog.h"
#include "widgets/document/conversions.h"
#include "widgets/document/project_document.h"
#include "widgets/forms/path_edit.h"
#include "widgets/frame/log_drawer.h"
#include "widgets/frame/rail.h"
#include "widgets/pages/start/new_project_card.h"
#include "widgets/pages/start/recent_projects.h"
#include "widgets/pages/start/start_page.h"
#include "widgets/run/engine_process.h"
#include "widgets/run/run_controller.h"
#include "widgets/run/run_watcher.h"
#include "widgets/theme/parts.h"

namespace llavakd {

void MainWindow::makeMenus() {
  makeFileMenu();
  QMenu* edit = menuBar()->addMenu(tr("&Edit"));
  QAction* undo = m_document->undoStack()->createUndoAction(this, tr("&Undo"));
  undo->setShortcuts(QKeySequence::Undo);
  undo->setIcon(theme::icon(QStringLiteral("undo")));
  QAction* redo = m_document->undoStack()->createRedoAction(this, tr("&Redo"));
  redo->setShortcuts(QKeySequence::Redo);
  redo->setIcon(theme::icon(QStringLiteral("redo")));
  undo->setProperty("shortcutName", tr("Undo"));  // their texts name the edit, too
  redo->setProperty("shortcutName", tr("Redo"));
  edit->addActions({undo, redo});
  makeRunMenu();
  makeViewMenu();
  QMenu* help = menuBar()->addMenu(tr("&Help"));
  QAction* keys = help->addAction(tr("&Keyboard shortcuts"), this, [this] { showShortcutSheet(this); });
  keys->setShortcuts({QKeySequence(Qt::Key_F1), QKeySequence(Qt::CTRL | Qt::Key_Question)});
  help->addAction(tr("Save a &report on a fault…"), this, &MainWindow::saveFaultReport);
  help->addAction(theme::icon(QStringLiteral("info")), tr("&About LLaVA-KD Studio"), this, &MainWindow::about);
}

void MainWindow::makeFileMenu() {
  QMenu* file = menuBar()->addMenu(tr("&File"));
  QMenu* newMenu = file->addMenu(theme::icon(QStringLiteral("new")), tr("&New from template"));
  for (const CatalogEntry& entry : catalog::project_templates()) {
    const QString name = toQString(entry.name);
    QAction* action = newMenu->addAction(toQString(entry.label), this, [this, name] { newProject(name); });
    action->setToolTip(toQString(entry.help));
  }
  if (!newMenu->actions().isEmpty()) newMenu->actions().front()->setShortcut(QKeySequence::New);
  newMenu->setToolTipsVisible(true);
  QAction* open = file->addAction(theme::icon(QStringLiteral("open")), tr("&Open…"), this, &MainWindow::chooseProject);
  open->setShortcuts(QKeySequence::Open);
  m_recentMenu = file->addMenu(tr("Open &recent"));
  connect(m_recentMenu, &QMenu::aboutToShow, this, &MainWindow::fillRecentMenu);
  file->addSeparator();
  m_save = file->addAction(theme::icon(QStringLiteral("save")), tr("&Save"), this, [this] { m_document->save(); });
  m_save->setShortcuts(QKeySequence::Save);
  m_saveAs = file->addAction(tr("Save &as…"), this, &MainWindow::saveAs);
  m_saveAs->setShortcut(QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_S));
  file->addSeparator();
  m_closeProject =
      file->addAction(tr("&Close project"), this, [this] { whenUnmodified([this] { m_document->close(); }); });
  m_closeProject->setShortcut(QKeySequence(Qt::CTRL | Qt::Key_W));
  QAction* quit = file->addAction(tr("&Quit"), this, &QWidget::close);
  quit->setShortcut(QKeySequence(Qt::CTRL | Qt::Key_Q));
}

void MainWindow::makeRunMenu() {
  QMenu* menu = menuBar()->addMenu(tr("&Run"));
  m_startAction =
      menu->addAction(theme::icon(QStringLiteral("play")), tr("&Start a run"), this, [this] { startRun(false); });
  m_startAction->setShortcut(QKeySequence(Qt::Key_F5));
  m_pauseAction = menu->addAction(theme::icon(QStringLiteral("pause")), tr("&Pause"), this, [this] {
    if (m_run->state() == RunState::running)
      m_controller->pause();
    else if (m_run->state() == RunState::paused)
      goOn();
    else
      startRun(true);
  });
  m_pauseAction->setShortcut(QKeySequence(Qt::Key_F6));
  m_stopAction = menu->addAction(theme::icon(QStringLiteral("stop")), tr("S&top after this step"), this,
                                 [this] { m_controller->stop(); });
  m_stopAction->setShortcut(QKeySequence(Qt::SHIFT | Qt::Key_F5));
  m_saveNow = menu->addAction(theme::icon(QStringLiteral("save")), tr("Save a &checkpoint now"), this,
                              [this] { m_controller->save(); });
}

void MainWindow::makeViewMenu() {
  QMenu* view = menuBar()->addMenu(tr("&View"));
  for (const PageDescriptor& page : m_table) {
    QAction* action = view->addAction(page.title, this, [this, id = page.id] { showPage(id); });
    action->setShortcut(page.shortcut);
    m_pageActions << action;
  }
  view->addSeparator();
  m_logAction = view->addAction(theme::icon(QStringLiteral("log")), tr("&Log"));
  m_logAction->setCheckable(true);
  m_logAction->setShortcut(QKeySequence(Qt::CTRL | Qt::Key_L));
  connect(m_logAction, &QAction::toggled, m_log, &QWidget::setVisible);
  QMenu* appearance = view->addMenu(tr("&Appearance"));
  auto* group = new QActionGroup(this);
  const std::pair<QString, theme::Appearance> choices[] = {{tr("As the &system"), theme::Appearance::system},
                                                           {tr("&Light"), theme::Appearance::light},
                                                           {tr("&Dark"), theme::Appearance::dark}};
  for (const auto& [text, value] : choices) {
    QAction* action = appearance->addAction(text, this, [value = value] { theme::setAppearance(value); });
    action->setCheckable(true);
    action->setChecked(theme::appearance() == value);
    group->addAction(action);
  }
}

void MainWindow::fillRecentMenu() {
  m_recentMenu->clear();
  for (const QString& path : recentProjects())
    m_recentMenu->addAction(QDir::toNativeSeparators(path), this, [this, path] { openProject(path); });
  if (m_recentMenu->isEmpty()) m_recentMenu->addAction(tr("None yet"))->setEnabled(false);
}

void MainWindow::updateActions() {
  const bool open = m_document->isOpen();
  m_save->setEnabled(open && m_document->isModified());
  m_saveAs->setEnabled(open);
  m_closeProject->setEnabled(open);
  m_rail->setPagesEnabled(open);
  for (QAction* action : m_pageActions) action->setEnabled(open);
  const RunState state = m_run->state();
  const bool active = isActive(state);
  const bool canResume = canGoOn(m_run->progress());
  m_startAction->setEnabled(open && !active && state != RunState::starting);
  m_pauseAction->setEnabled(open && (active || canResume));
  m_pauseAction->setText(state == RunState::running  ? tr("&Pause")
                         : state == RunState::paused ? tr("Go &on")
                                                     : tr("&Resume the last run"));
  m_stopAction->setEnabled(open && active);
  m_saveNow->setEnabled(open && active);
}

// The start page has a card for it; over an open project the same card is a dialog.
void MainWindow::newProject(const QString& templateName) {
  if (currentPage() == StartPage::id()) return m_start->offer(templateName);
  auto* dialog = new QDialog(this);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setWindowTitle(tr("New project"));
  auto* column = new QVBoxLayout(dialog);
  auto* card = new NewProjectCard(dialog);
  card->setTemplate(templateName);
  card->setMinimumWidth(560);
  column->addWidget(card);
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, dialog);
  column->addWidget(buttons);
  connect(buttons, &QDialogButtonBox::rejected, dialog, &QDialog::reject);
  connect(card, &NewProjectCard::made, this, [this, dialog](const QString& path) {
    dialog->close();
    openProject(path);
  });
  card->path()->setFocus();
  dialog->open();
}

void MainWindow::chooseProject() {
  const QString documents = QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation);
  // A dialog that begins in a folder that isn't there can choose nothing.
  const QString home = QFileInfo(documents).isDir() ? documents : QDir::homePath();
  const QString start = m_document->isOpen() ? QFileInfo(m_document->path()).absolutePath() : home;
  const QString path =
      QFileDialog::getOpenFileName(this, tr("Open a project"), start, tr("LLaVA-KD projects (*.kdproj)"));
  if (!path.isEmpty()) openProject(path);
}

void MainWindow::saveAs() {
  if (!m_document->isOpen()) return;
  const QString path = QFileDialog::getSaveFileName(this, tr("Save the project as"), m_document->path(),
                                                    tr("LLaVA-KD projects (*.kdproj)"));
  if (!path.isEmpty()) m_document->saveAs(path);
}

void MainWindow::saveFaultReport() {
  const QString path =
      QFileDialog::getSaveFileName(this, tr("Save a report on a fault"),
                                   QDir::homePath() + QStringLiteral("/llavakd-report.txt"), tr("Texts (*.txt)"));
  if (path.isEmpty()) return;
  writeFaultReport(path, m_document->path(), m_run->runFolder(), this, [this, path](const QString& fault) {
    if (!fault.isEmpty()) return showError(tr("%1 can't be written: %2").arg(QDir::toNativeSeparators(path), fault));
    InlineMessage* place = currentPage() == StartPage::id() ? m_start->message() : m_message;
    place->showMessage(
        InlineMessage::Kind::information,
        tr("The report is in %1. It holds the project and the ends of the run's logs: read it before you "
           "send it.")
            .arg(QDir::toNativeSeparators(path)));
  });
}

void MainWindow::about() {
  QMessageBox::about(
      this, tr("About LLaVA-KD Studio"),
      tr("<h3>LLaVA-KD Studio %1</h3><p>Distils large multimodal models into small ones by the method of "
         "LLaVA-KD (arXiv 2410.16236): DPT, SFT, DFT.</p><p>Free software under the GNU General Public "
         "License, version 3 or later.</p><p>Engine: %2</p>")
          .arg(QStringLiteral(LLAVAKD_VERSION),
               engineProgram().isEmpty() ? tr("not found") : engineProgram().toHtmlEscaped()));
}

}  // namespace llavakd
