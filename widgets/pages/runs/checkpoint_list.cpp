// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/runs/checkpoint_list.h"

#include <QHeaderView>
#include <QPushButton>
#include <QShortcut>
#include <QTreeWidget>
#include <QVBoxLayout>
#include <algorithm>

#include "widgets/document/background.h"
#include "widgets/document/conversions.h"
#include "widgets/pages/runs/confirm_delete.h"
#include "widgets/pages/runs/export_menu.h"
#include "widgets/pages/runs/run_texts.h"
#include "widgets/run/run_summary.h"
#include "widgets/theme/flow_layout.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/parts.h"

namespace llavakd {
namespace {

enum CheckpointColumn { nameColumn, stepColumn, sizeColumn, writtenColumn, remarkColumn };

struct ReadCheckpoints {
  std::vector<RunCheckpoint> checkpoints;
  QString fault;
};

ReadCheckpoints tryCheckpoints(const RunFolder& run) {
  try {
    ReadCheckpoints read{run_checkpoints(run), {}};
    std::ranges::reverse(read.checkpoints);
    return read;
  } catch (const std::exception& error) {
    return {{}, toQString(error.what())};
  }
}

// A finished run has nothing to go on with; an ablation's is gone on with by its command.
bool canBeResumed(const RunRow& run) {
  return run.state != RunState::finished && run.canBeOpened() && !run.imported && !run.ablation;
}

QString remarkOf(const RunCheckpoint& checkpoint, const RunRow& run) {
  QStringList remarks;
  if (checkpoint.newest && canBeResumed(run)) remarks << CheckpointList::tr("Resume goes on from it");
  if (checkpoint.stage_done) remarks << CheckpointList::tr("end of its stage");
  if (checkpoint.pinned) remarks << CheckpointList::tr("pinned");
  return remarks.join(QStringLiteral(", "));
}

}  // namespace

CheckpointList::CheckpointList(QWidget* parent)
    : QWidget(parent),
      m_list(new QTreeWidget(this)),
      m_state(new TextLabel({}, theme::Size::body, TextLabel::Tone::muted, this)),
      m_exportMenu(new ExportMenu(this)),
      m_rules(new QPushButton(tr("&Clear up…"), this)),
      m_export(new QPushButton(tr("E&xport"), this)),
      m_pin(new QPushButton(tr("&Pin"), this)),
      m_delete(new QPushButton(tr("De&lete…"), this)) {
  m_state->setTextFormat(Qt::PlainText);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(theme::gapSmall);
  column->addWidget(m_list, 1);
  auto* row = new FlowLayout;  // else it takes the room of what is next to the list
  row->setSpacing(theme::gapSmall);
  m_state->setMinimumHeight(theme::rowHeight);  // on the line of the buttons
  for (QWidget* part : {static_cast<QWidget*>(m_rules), static_cast<QWidget*>(m_export), static_cast<QWidget*>(m_pin),
                        static_cast<QWidget*>(m_delete), static_cast<QWidget*>(m_state)})
    row->addWidget(part);
  column->addLayout(row);
  m_list->setObjectName(QStringLiteral("checkpoints"));
  m_list->setAccessibleName(tr("Checkpoints"));
  m_list->setRootIsDecorated(false);
  m_list->setUniformRowHeights(true);
  m_list->setSelectionMode(QAbstractItemView::ExtendedSelection);
  m_list->setHeaderLabels({tr("Checkpoint"), tr("Step"), tr("Size"), tr("Written"), {}});
  for (const int number : {stepColumn, sizeColumn})
    m_list->headerItem()->setTextAlignment(number, Qt::AlignRight | Qt::AlignVCenter);
  m_rules->setObjectName(QStringLiteral("clearUpCheckpoints"));
  m_rules->setToolTip(tr("Rules for what stays: the newest, the best, one every so many steps"));
  m_export->setObjectName(QStringLiteral("exportCheckpoint"));
  m_export->setToolTip(tr("Write the student in a published layout, and prove that it is the same"));
  m_export->setMenu(m_exportMenu);
  m_pin->setObjectName(QStringLiteral("pinCheckpoint"));
  m_delete->setObjectName(QStringLiteral("deleteCheckpoints"));
  connect(m_list, &QTreeWidget::itemSelectionChanged, this, &CheckpointList::refreshButtons);
  connect(m_rules, &QPushButton::clicked, this, &CheckpointList::rulesRequested);
  connect(m_pin, &QPushButton::clicked, this, &CheckpointList::pin);
  connect(m_delete, &QPushButton::clicked, this, &CheckpointList::remove);
  auto* byKey = new QShortcut(QKeySequence(Qt::Key_Delete), m_list);
  byKey->setContext(Qt::WidgetShortcut);
  connect(byKey, &QShortcut::activated, m_delete, &QPushButton::click);
  refreshButtons();
}

void CheckpointList::clear() {
  m_readings.cancel();
  m_run = {};
  showCheckpoints({});
}

void CheckpointList::setRun(const RunRow& run) {
  const bool same = run.folder == m_run.folder;
  const bool unchanged = same && run.bytes == m_run.bytes && run.notes == m_run.notes && run.state == m_run.state;
  if (!same) showCheckpoints({});
  m_run = run;
  if (unchanged) return;
  if (!same) m_state->setText(tr("Counting…"));
  read();
}

void CheckpointList::read() {
  inBackground(
      this, [folder = RunFolder{toPath(m_run.folder)}] { return tryCheckpoints(folder); },
      m_readings.begin().only([this](const ReadCheckpoints& read) {
        showCheckpoints(read.checkpoints);
        if (!read.fault.isEmpty()) m_state->setText(read.fault);
      }));
}

void CheckpointList::showCheckpoints(const std::vector<RunCheckpoint>& checkpoints) {
  QStringList chosen;
  for (const RunCheckpoint& checkpoint : selected()) chosen << toQString(checkpoint.name);
  {
    const QSignalBlocker quiet(m_list);
    m_list->clear();
    m_checkpoints = checkpoints;
    for (const RunCheckpoint& checkpoint : checkpoints) {
      const QString name = toQString(checkpoint.name);
      auto* item = new QTreeWidgetItem(
          m_list, {name, checkpoint.step < 0 ? QString() : theme::wholeNumber(checkpoint.step),
                   theme::bytesText(double(checkpoint.bytes)),
                   checkpoint.written > 0 ? runTimeText(checkpoint.written) : QString(), remarkOf(checkpoint, m_run)});
      if (checkpoint.pinned) item->setIcon(nameColumn, theme::icon(QStringLiteral("pin")));
      for (const int number : {stepColumn, sizeColumn}) {
        item->setTextAlignment(number, Qt::AlignRight | Qt::AlignVCenter);
        item->setFont(number, theme::numberFont(theme::Size::body));
      }
      item->setToolTip(nameColumn, toQString(checkpoint.folder));
      item->setSelected(chosen.contains(name));
    }
  }
  for (int number = nameColumn; number < remarkColumn; ++number) m_list->resizeColumnToContents(number);
  int64_t bytes = 0;
  for (const RunCheckpoint& checkpoint : checkpoints) bytes += checkpoint.bytes;
  m_state->setText(checkpoints.empty()
                       ? tr("No checkpoint yet")
                       : tr("%1 in %2").arg(theme::bytesText(double(bytes)), countText(int(checkpoints.size()))));
  refreshButtons();
}

std::vector<RunCheckpoint> CheckpointList::selected() const {
  std::vector<RunCheckpoint> chosen;
  for (size_t i = 0; i < m_checkpoints.size(); ++i)
    if (QTreeWidgetItem* item = m_list->topLevelItem(int(i)); item && item->isSelected())
      chosen.push_back(m_checkpoints[i]);
  return chosen;
}

void CheckpointList::refreshButtons() {
  const std::vector<RunCheckpoint> chosen = selected();
  const bool allPinned = !chosen.empty() && std::ranges::all_of(chosen, &RunCheckpoint::pinned);
  const bool mayChange = !m_busy && m_run.canBeOpened() && !chosen.empty();
  m_export->setEnabled(m_run.canBeOpened() && chosen.size() == 1);
  if (chosen.size() == 1) m_exportMenu->setCheckpoint(toQString(chosen.front().folder), toQString(chosen.front().name));
  m_rules->setEnabled(!m_busy && m_run.canBeOpened() && !m_checkpoints.empty());
  m_pin->setEnabled(mayChange && m_run.notesFault.isEmpty());
  m_pin->setText(allPinned ? tr("Un&pin") : tr("&Pin"));
  m_pin->setToolTip(tr("A pinned checkpoint is kept, whatever else is cleared away."));
  QString why;
  int64_t bytes = 0;
  for (const RunCheckpoint& checkpoint : chosen) {
    bytes += checkpoint.bytes;
    if (checkpoint.pinned) why = tr("%1 is pinned.").arg(toQString(checkpoint.name));
    if (checkpoint.newest)
      why = (canBeResumed(m_run) ? tr("%1 is what Resume goes on from.")
                                 : tr("%1 is the run's newest, which goes with the run alone."))
                .arg(toQString(checkpoint.name));
  }
  if (m_run.isAtWork()) why = tr("The run is at work: stop it first.");
  m_delete->setEnabled(mayChange && why.isEmpty());
  m_delete->setText(mayChange && why.isEmpty() ? tr("De&lete %1…").arg(theme::bytesText(double(bytes)))
                                               : tr("De&lete…"));
  m_delete->setToolTip(why);
}

void CheckpointList::pin() {
  const std::vector<RunCheckpoint> chosen = selected();
  const bool pinned = !std::ranges::all_of(chosen, &RunCheckpoint::pinned);
  write([run = RunFolder{toPath(m_run.folder)}, chosen, pinned] {
    for (const RunCheckpoint& checkpoint : chosen) pin_checkpoint(run, checkpoint.name, pinned);
  });
}

void CheckpointList::remove() {
  const std::vector<RunCheckpoint> chosen = selected();
  std::vector<std::string> names;
  QStringList said;
  int64_t bytes = 0;
  for (const RunCheckpoint& checkpoint : chosen) {
    names.push_back(checkpoint.name);
    said << toQString(checkpoint.name);
    bytes += checkpoint.bytes;
  }
  const QString what = chosen.size() == 1 ? tr("Delete the checkpoint %1?").arg(said.front())
                                          : tr("Delete %1?").arg(countText(int(chosen.size())));
  const QString text = tr("%1: %2 of the disk will be free. This can't be undone.")
                           .arg(said.join(QStringLiteral(", ")), theme::bytesText(double(bytes)));
  if (!confirmDelete(this, what, text, bytes)) return;
  write([run = RunFolder{toPath(m_run.folder)}, names] { delete_checkpoints(run, names); });
}

void CheckpointList::write(std::function<void()> change) {
  m_busy = true;
  refreshButtons();
  changeInBackground(this, std::move(change), [this](const QString& fault) {
    m_busy = false;
    if (!fault.isEmpty()) Q_EMIT failed(fault);
    read();
    Q_EMIT changed();
  });
}

}  // namespace llavakd
