// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/runs/runs_page.h"

#include <QHBoxLayout>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QShortcut>
#include <QSplitter>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <memory>
#include <utility>

#include "core/run/run_checkpoints.h"
#include "widgets/document/background.h"
#include "widgets/document/conversions.h"
#include "widgets/document/project_document.h"
#include "widgets/pages/runs/ablation_panel.h"
#include "widgets/pages/runs/arms_dialog.h"
#include "widgets/pages/runs/checkpoint_list.h"
#include "widgets/pages/runs/confirm_delete.h"
#include "widgets/pages/runs/export_menu.h"
#include "widgets/pages/runs/import_menu.h"
#include "widgets/pages/runs/queue_panel.h"
#include "widgets/pages/runs/retention_dialog.h"
#include "widgets/pages/runs/run_comparison.h"
#include "widgets/pages/runs/run_details.h"
#include "widgets/pages/runs/run_texts.h"
#include "widgets/pages/runs/runs_filter.h"
#include "widgets/pages/runs/runs_model.h"
#include "widgets/pages/runs/runs_table.h"
#include "widgets/run/run_catalog.h"
#include "widgets/run/run_queue.h"
#include "widgets/run/run_selection.h"
#include "widgets/run/run_verifier.h"
#include "widgets/run/run_watcher.h"
#include "widgets/theme/loading_placeholder.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/parts.h"

namespace llavakd {
namespace {

// In the order in which they are added.
enum RunsPagePart { runsEmptyPart, runsTablePart, runsAblationPart, runsReadingPart };

}  // namespace

PageDescriptor RunsPage::descriptor() {
  return {QStringLiteral("runs"), QStringLiteral("runs"), tr("R&uns"), QKeySequence(Qt::CTRL | Qt::Key_8),
          [](const PageContext& context) -> QWidget* {
            return new RunsPage(context);
          }};
}

RunsPage::RunsPage(const PageContext& context, QWidget* parent)
    : QWidget(parent),
      m_document(context.document),
      m_run(context.run),
      m_selection(context.selection),
      m_catalog(new RunCatalog(context.run, context.selection, this)),
      m_queue(new RunQueue(context.document, context.run, context.controller, this)),
      m_message(new InlineMessage),
      m_stack(new QStackedWidget),
      m_reading(new LoadingPlaceholder),
      m_filter(new QLineEdit),
      m_table(new RunsTable(m_catalog, context.selection)),
      m_splitter(new QSplitter(Qt::Vertical)),
      m_lower(new QStackedWidget),
      m_details(new RunDetails(RunVerifier::of(context.run))),
      m_comparison(new RunComparison),
      m_ablations(new AblationPanel),
      m_queuePanel(new QueuePanel(m_queue)),
      m_importMenu(new ImportMenu(context.run, this)),
      m_import(makeToolButton(QStringLiteral("download"), tr("Import"),
                              tr("Curves that another program recorded, as a run to compare with"))),
      m_showAblations(makeToolButton(QStringLiteral("compare"), tr("Ablation"),
                                     tr("Arms and seeds of `llavakd ablate` as a table, with paired differences"))),
      m_add(makeToolButton(QStringLiteral("new"), tr("Add to queue"),
                           tr("Start a run of the project as it is now, once those before it have ended"))),
      m_showQueue(makeToolButton(QStringLiteral("log"), tr("Queue"), tr("Show the runs that wait for their turn"))) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(theme::pageMargin, theme::gapLarge, theme::pageMargin, theme::gapLarge);
  column->setSpacing(theme::gap);
  column->addWidget(makeHead());
  auto* row = new QHBoxLayout;
  row->setSpacing(theme::gapLarge);
  row->addWidget(m_stack, 1);
  row->addWidget(m_queuePanel);
  column->addLayout(row, 1);
  column->addWidget(m_message);  // below: what is clicked must not move when it comes
  m_stack->addWidget(makeEmptyPage());
  m_stack->addWidget(makeContent());
  m_stack->addWidget(m_ablations);
  m_stack->addWidget(m_reading);
  m_reading->setText(tr("Reading the runs…"));
  connectParts();
  connectQueue();
  refresh();
  refreshQueue();
}

void RunsPage::connectParts() {
  connect(m_catalog, &RunCatalog::changed, this, &RunsPage::refresh);
  connect(m_catalog, &RunCatalog::changed, this, &RunsPage::refreshAblations);
  connect(m_showAblations, &QToolButton::toggled, this, [this] {
    refresh();
    refreshAblations();
  });
  connect(m_run, &RunWatcher::reset, m_message, [this, file = QString()]() mutable {
    if (std::exchange(file, m_run->projectFile()) != m_run->projectFile()) m_message->dismiss();
  });
  connect(m_table->filter(), &QAbstractItemModel::rowsInserted, this, &RunsPage::refresh);  // a slice of a long list
  connect(m_again, &QPushButton::clicked, m_catalog, &RunCatalog::refresh);
  connect(m_filter, &QLineEdit::textChanged, this, [this](const QString& typed) {
    m_table->filter()->setWords(typed);
    refresh();
  });
  auto* find = new QShortcut(QKeySequence::Find, this);
  find->setContext(Qt::WidgetWithChildrenShortcut);
  connect(find, &QShortcut::activated, this, [this] {
    m_filter->setFocus();
    m_filter->selectAll();
  });
  connect(m_table, &RunsTable::selectedRunsChanged, this, &RunsPage::showSelection);
  connect(m_table, &RunsTable::openRequested, this, &RunsPage::open);
  connect(m_table, &RunsTable::deleteRequested, this, &RunsPage::deleteSelected);
  connect(m_table->runs(), &RunsModel::tooManyTicked, this, [this] {
    m_message->showMessage(InlineMessage::Kind::information,
                           tr("%1 runs are overlaid already; untick one of them first.")
                               .arg(theme::wholeNumber(RunSelection::mostOverlaid)));
  });
  connect(m_details, &RunDetails::openRequested, this, &RunsPage::open);
  connect(m_ablations, &AblationPanel::openRequested, this, &RunsPage::open);
  connect(m_details, &RunDetails::deleteRequested, this, &RunsPage::deleteSelected);
  const auto showFailure = [this](const QString& text) {
    m_message->showMessage(InlineMessage::Kind::error, text);
  };
  connect(m_catalog, &RunCatalog::failed, this, showFailure);
  connect(m_importMenu, &ImportMenu::failed, this, showFailure);
  connect(m_importMenu, &ImportMenu::imported, this, [this](const QString& what) {
    m_message->showMessage(InlineMessage::Kind::information, what);
    m_catalog->refresh();
  });
  connect(m_details->checkpoints(), &CheckpointList::changed, m_catalog, &RunCatalog::refresh);
  connect(m_details->checkpoints(), &CheckpointList::failed, this, showFailure);
  const ExportMenu* exports = m_details->checkpoints()->exportMenu();
  connect(exports, &ExportMenu::failed, this, showFailure);
  connect(exports, &ExportMenu::told, this,
          [this](const QString& text) { m_message->showMessage(InlineMessage::Kind::information, text); });
  connect(m_details->checkpoints(), &CheckpointList::rulesRequested, this, &RunsPage::askForRules);
}

void RunsPage::connectQueue() {
  m_showQueue->setChecked(m_queue->rowCount() > 0);
  connect(m_queue, &RunQueue::changed, this, &RunsPage::refreshQueue);
  connect(m_queue, &RunQueue::rowsInserted, this, [this] { m_showQueue->setChecked(true); });
  connect(m_queue, &RunQueue::failed, this,
          [this](const QString& text) { m_message->showMessage(InlineMessage::Kind::error, text); });
  connect(m_add, &QToolButton::clicked, m_queue, &RunQueue::addOpenProject);
  auto* more = new QMenu(m_add);
  more->addAction(tr("&Arms and seeds…"), this, &RunsPage::askForArms);
  m_add->setMenu(more);
  m_add->setPopupMode(QToolButton::MenuButtonPopup);
  connect(m_showQueue, &QToolButton::toggled, this, &RunsPage::refreshQueue);
  for (auto change : {&ProjectDocument::opened, &ProjectDocument::closed})
    connect(m_document, change, this, &RunsPage::refreshQueue);
}

void RunsPage::askForArms() {
  if (!m_document->isOpen() || m_document->path().isEmpty()) return;
  auto* dialog = new ArmsDialog(m_document, this);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  connect(dialog, &ArmsDialog::chosen, m_queue, &RunQueue::add);
  dialog->open();
}

void RunsPage::refreshQueue() {
  const int waiting = m_queue->rowCount();
  m_showQueue->setText(waiting > 0 ? tr("Queue (%1)").arg(theme::wholeNumber(waiting)) : tr("Queue"));
  m_showQueue->setAccessibleName(m_showQueue->text());
  m_queuePanel->setVisible(m_showQueue->isChecked());
  m_add->setEnabled(m_document->isOpen());
  m_import->setEnabled(m_document->isOpen());
}

void RunsPage::refresh() {
  const std::vector<RunRow>& rows = m_catalog->rows();
  const int shown = m_table->filter()->rowCount();
  const bool filtered = !m_filter->text().trimmed().isEmpty();
  m_stack->setCurrentIndex(!rows.empty()            ? m_showAblations->isChecked() ? runsAblationPart : runsTablePart
                           : m_catalog->isLoading() ? runsReadingPart
                                                    : runsEmptyPart);
  m_filter->setEnabled(!rows.empty() && !m_showAblations->isChecked());
  m_again->setVisible(!m_catalog->fault().isEmpty());
  m_empty->setText(m_catalog->fault().isEmpty()
                       ? tr("No run yet. Each run of this project has its line here, with what came out of it.")
                       : m_catalog->fault());
  qint64 bytes = 0;
  for (const RunRow& row : rows) bytes += row.bytes.value_or(0);
  if (rows.empty())
    m_count->clear();
  else if (filtered)
    m_count->setText(tr("%1 of %2").arg(theme::wholeNumber(shown), theme::wholeNumber(qint64(rows.size()))));
  else
    m_count->setText(tr("%1 · %2", "how many runs, and their size on disk")
                         .arg(runCountText(qint64(rows.size())), theme::bytesText(double(bytes))));
  showSelection();
  // Once for a project: runs that come later must not move what somebody reads.
  if (!rows.empty() && m_fittedTo != m_run->projectFile()) fitTable();
}

void RunsPage::refreshAblations() {
  const bool any =
      std::ranges::any_of(m_catalog->rows(), [](const RunRow& row) { return row.belongs && row.ablation; });
  m_showAblations->setVisible(any);
  if (!any) m_showAblations->setChecked(false);
  if (!m_showAblations->isChecked()) return m_ablations->clear();
  m_ablations->read(m_run->projectFile());
}

void RunsPage::showSelection() {
  std::vector<RunRow> runs = m_table->selectedRuns();
  if (runs.size() == 1) {
    m_details->setRun(runs.front());
    m_lower->setCurrentWidget(m_details);
  } else if (runs.size() > 1) {
    // What is measured against comes first.
    std::ranges::stable_partition(runs, [](const RunRow& run) { return run.notes.baseline; });
    m_comparison->setRuns(std::move(runs));
    m_lower->setCurrentWidget(m_comparison);
  } else {
    m_hint->setText(m_table->filter()->rowCount() == 0
                        ? tr("No run has all of these words.")
                        : tr("Select a run to see its checkpoints, or several to compare their options and results."));
    m_lower->setCurrentWidget(m_hint);
  }
}

void RunsPage::open(const QString& folder, const QString& page) {
  m_run->choose(folder);
  Q_EMIT pageRequested(page);
}

void RunsPage::askForRules() {
  auto* dialog = new RetentionDialog(m_document, m_details->checkpoints()->run(), m_catalog->rows(), this);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  connect(dialog, &RetentionDialog::changed, m_catalog, &RunCatalog::refresh);
  dialog->open();
}

void RunsPage::deleteSelected() {
  const std::vector<RunRow> runs = m_table->selectedRuns();
  if (runs.empty() || std::ranges::any_of(runs, &RunRow::isAtWork)) return;
  QStringList names;
  qint64 bytes = 0;
  for (const RunRow& run : runs) {
    if (names.size() < 5) names << run.name;
    bytes += run.bytes.value_or(0);
  }
  if (runs.size() > size_t(names.size())) names << QStringLiteral("…");
  const QString question = runs.size() == 1 ? tr("Delete the run %1?").arg(names.front())
                                            : tr("Delete %1 runs?").arg(theme::wholeNumber(qint64(runs.size())));
  QString what = tr("%1: curves, checkpoints, probes and evaluations, %2 of the disk. This can't be undone.")
                     .arg(names.join(QStringLiteral(", ")), theme::bytesText(double(bytes)));
  const auto baseline = std::ranges::find_if(runs, [](const RunRow& run) { return run.notes.baseline; });
  if (baseline != runs.end())
    what += QLatin1Char('\n') + tr("%1 is the baseline that other runs are compared with.").arg(baseline->name);
  if (confirmDelete(this, question, what, bytes)) removeRuns(runs);
}

void RunsPage::removeRuns(const std::vector<RunRow>& runs) {
  const auto gone = std::make_shared<QStringList>();  // when one can't be deleted, those before it are
  changeInBackground(
      this,
      [runs, gone] {
        for (const RunRow& run : runs) {
          delete_run(RunFolder{toPath(run.folder)});
          gone->append(run.folder);
        }
      },
      [this, gone](const QString& fault) {
        for (const QString& folder : *gone) m_selection->forget(folder);
        if (gone->contains(m_run->runFolder())) m_run->choose({});
        if (!fault.isEmpty()) m_message->showMessage(InlineMessage::Kind::error, fault);
        m_catalog->refresh();
      });
}

}  // namespace llavakd
