// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/runs/retention_dialog.h"

#include <QCheckBox>
#include <QDialogButtonBox>
#include <QFileInfo>
#include <QHeaderView>
#include <QPushButton>
#include <QTreeWidget>
#include <QVBoxLayout>
#include <utility>

#include "core/base/errors.h"
#include "widgets/document/background.h"
#include "widgets/document/conversions.h"
#include "widgets/document/project_document.h"
#include "widgets/forms/option_form.h"
#include "widgets/pages/runs/run_texts.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/parts.h"

namespace llavakd {
namespace {

struct ReadRuns {
  QHash<QString, std::vector<RunCheckpoint>> checkpoints;
  QString fault;
};

ReadRuns tryRuns(const QStringList& folders) {
  ReadRuns read;
  for (const QString& folder : folders) try {
      read.checkpoints.insert(folder, run_checkpoints(RunFolder{toPath(folder)}));
    } catch (const std::exception& error) {
      read.fault = toQString(error.what());
    }
  return read;
}

bool haveSameRules(const RunOptions& a, const RunOptions& b) {
  return a.keep_checkpoints == b.keep_checkpoints && a.keep_checkpoints_every == b.keep_checkpoints_every &&
         a.keep_best_checkpoints == b.keep_best_checkpoints;
}

}  // namespace

RetentionDialog::RetentionDialog(ProjectDocument* document, const RunRow& run, const std::vector<RunRow>& runs,
                                 QWidget* parent)
    : QDialog(parent),
      m_document(document),
      m_run(run),
      m_form(new OptionForm),
      m_everywhere(new QCheckBox),
      m_summary(new TextLabel({}, theme::Size::title)),
      m_state(new TextLabel({}, theme::Size::body, TextLabel::Tone::muted)),
      m_list(new QTreeWidget),
      m_keep(new QPushButton(tr("Keep rules in the &project"))),
      m_delete(new QPushButton),
      m_close(nullptr) {
  for (const RunRow& each : runs) {
    if (!each.canBeOpened()) continue;
    if (each.isAtWork())
      ++m_atWork;
    else
      m_all << each.folder;
  }
  setWindowTitle(tr("Checkpoints to keep"));
  resize(560, 520);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(theme::pageMargin, theme::pageMargin, theme::pageMargin, theme::gapLarge);
  column->setSpacing(theme::gap);
  m_form->setOnly({QStringLiteral("keep_checkpoints"), QStringLiteral("keep_checkpoints_every"),
                   QStringLiteral("keep_best_checkpoints")});
  m_form->setFlat(true);
  m_everywhere->setText(tr("In &all %1 runs of the project").arg(theme::wholeNumber(m_all.size())));
  m_everywhere->setObjectName(QStringLiteral("inAllRuns"));
  m_everywhere->setVisible(m_all.size() > 1 || !m_all.contains(m_run.folder));
  auto* always = new TextLabel(tr("Pinned ones, stages' ends and the newest always stay."), theme::Size::body,
                               TextLabel::Tone::muted);
  for (TextLabel* label : {always, m_summary, m_state}) label->setWordWrap(true);
  m_summary->setObjectName(QStringLiteral("wouldBeFreed"));
  m_list->setObjectName(QStringLiteral("surplus"));
  m_list->setAccessibleName(tr("Checkpoints that would be deleted"));
  m_list->setHeaderLabels({tr("Would go"), tr("Size")});
  m_list->headerItem()->setTextAlignment(1, Qt::AlignRight | Qt::AlignVCenter);
  m_list->setUniformRowHeights(true);
  m_list->setSelectionMode(QAbstractItemView::NoSelection);
  for (QWidget* part : std::initializer_list<QWidget*>{m_form, always, m_everywhere, m_summary, m_list, m_state})
    column->addWidget(part, part == m_list ? 1 : 0);
  auto* buttons = new QDialogButtonBox;
  m_keep->setObjectName(QStringLiteral("keepRules"));
  m_delete->setObjectName(QStringLiteral("deleteSurplus"));
  buttons->addButton(m_keep, QDialogButtonBox::ActionRole);
  buttons->addButton(m_delete, QDialogButtonBox::DestructiveRole);
  m_close = buttons->addButton(QDialogButtonBox::Close);
  for (QPushButton* button : {m_keep, m_delete, m_close}) button->setAutoDefault(false);  // Enter ends typing a number
  column->addWidget(buttons);
  connectParts();
  readProject();
  readCheckpoints();
}

void RetentionDialog::connectParts() {
  connect(m_form, &OptionForm::edited, this, [this](const QString& name, const FieldValue& value) {
    assignField(m_options, name.toStdString(), value);
    refresh();
  });
  connect(m_everywhere, &QCheckBox::toggled, this, &RetentionDialog::readCheckpoints);
  connect(m_keep, &QPushButton::clicked, this, &RetentionDialog::keepInProject);
  connect(m_delete, &QPushButton::clicked, this, &RetentionDialog::remove);
  connect(m_close, &QPushButton::clicked, this, &QDialog::reject);
  connect(m_document, &ProjectDocument::closed, this, &QDialog::reject);
}

void RetentionDialog::readProject() {
  m_options = m_document->project().run;
  m_form->setFields(formFields(m_options));
  refresh();
}

QStringList RetentionDialog::chosenRuns() const {
  if (m_everywhere->isChecked()) return m_all;
  return m_run.isAtWork() ? QStringList() : QStringList(m_run.folder);
}

void RetentionDialog::readCheckpoints() {
  m_busy = true;
  refresh();
  inBackground(
      this, [folders = chosenRuns()] { return tryRuns(folders); },
      m_readings.begin().only([this](const ReadRuns& read) {
        m_busy = false;
        m_checkpoints = read.checkpoints;
        m_fault = read.fault;
        refresh();
      }));
}

std::vector<RetentionDialog::Surplus> RetentionDialog::surplus() const {
  std::vector<Surplus> list;
  for (const QString& folder : chosenRuns()) {
    std::vector<RunCheckpoint> gone = surplus_checkpoints(m_checkpoints.value(folder), retention_rules(m_options));
    if (!gone.empty()) list.push_back({folder, std::move(gone)});
  }
  return list;
}

void RetentionDialog::refresh() {
  m_list->clear();
  int64_t bytes = 0, kept = 0;
  int gone = 0, all = 0;
  for (const auto& checkpoints : std::as_const(m_checkpoints))
    for (const RunCheckpoint& checkpoint : checkpoints) kept += checkpoint.bytes, ++all;
  for (const Surplus& each : m_busy ? std::vector<Surplus>() : surplus()) {
    int64_t ofRun = 0;
    auto* run = new QTreeWidgetItem(m_list, {QFileInfo(each.folder).fileName()});
    for (const RunCheckpoint& checkpoint : each.checkpoints) {
      auto* item = new QTreeWidgetItem(run, {toQString(checkpoint.name), theme::bytesText(double(checkpoint.bytes))});
      item->setTextAlignment(1, Qt::AlignRight | Qt::AlignVCenter);
      ofRun += checkpoint.bytes;
      ++gone;
    }
    run->setText(1, theme::bytesText(double(ofRun)));
    run->setTextAlignment(1, Qt::AlignRight | Qt::AlignVCenter);
    run->setExpanded(!m_everywhere->isChecked());
    bytes += ofRun;
  }
  m_list->header()->setStretchLastSection(false);
  m_list->header()->setSectionResizeMode(0, QHeaderView::Stretch);
  m_list->header()->setSectionResizeMode(1, QHeaderView::ResizeToContents);
  m_summary->setText(m_busy      ? tr("Counting…")
                     : gone == 0 ? tr("Nothing would go.")
                                 : tr("Frees %1: deletes %2, keeps %3 in %4.")
                                       .arg(theme::bytesText(double(bytes)), countText(gone), countText(all - gone),
                                            theme::bytesText(double(kept - bytes))));
  QStringList remarks;
  for (const QString& fault : {m_fault, m_refusal})
    if (!fault.isEmpty()) remarks << fault;
  if (m_run.isAtWork() && !m_everywhere->isChecked())
    remarks << tr("The run is at work: it applies the rules that it was started with itself.");
  else if (m_atWork > 0 && m_everywhere->isChecked())
    remarks << tr("Runs at work are left out.");
  m_state->setText(remarks.join(QLatin1Char(' ')));
  m_state->setVisible(!remarks.isEmpty());
  m_delete->setEnabled(!m_busy && gone > 0);
  m_delete->setText(gone > 0 ? tr("&Delete %1").arg(theme::bytesText(double(bytes))) : tr("&Delete"));
  m_delete->setToolTip(tr("This can't be undone."));
  m_keep->setEnabled(m_document->isOpen() && !haveSameRules(m_options, m_document->project().run));
  m_keep->setToolTip(tr("Runs that are started from now on follow these rules by themselves. This can be undone."));
}

void RetentionDialog::keepInProject() {
  m_document->edit(tr("change which checkpoints runs keep"), [this](Project& project) {
    project.run.keep_checkpoints = m_options.keep_checkpoints;
    project.run.keep_checkpoints_every = m_options.keep_checkpoints_every;
    project.run.keep_best_checkpoints = m_options.keep_best_checkpoints;
  });
  refresh();
}

void RetentionDialog::remove() {
  m_busy = true;
  std::vector<std::pair<std::filesystem::path, std::vector<std::string>>> doomed;
  for (const Surplus& each : surplus()) {
    std::vector<std::string> names;
    for (const RunCheckpoint& checkpoint : each.checkpoints) names.push_back(checkpoint.name);
    doomed.emplace_back(toPath(each.folder), std::move(names));
  }
  refresh();
  changeInBackground(
      this,
      [doomed] {
        std::string fault;  // of a run that has begun meanwhile; the others don't wait for it
        for (const auto& [folder, names] : doomed) try {
            delete_checkpoints(RunFolder{folder}, names);
          } catch (const UserError& error) {
            fault = error.what();
          }
        if (!fault.empty()) throw UserError(fault);
      },
      [this](const QString& fault) {
        m_refusal = fault;
        Q_EMIT changed();
        readCheckpoints();
      });
}

}  // namespace llavakd
