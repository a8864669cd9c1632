// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/runs/run_details.h"

#include <QHBoxLayout>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

#include "widgets/pages/runs/bundle_dialog.h"
#include "widgets/pages/runs/checkpoint_list.h"
#include "widgets/pages/runs/report_dialog.h"
#include "widgets/pages/runs/run_preview.h"
#include "widgets/pages/runs/run_texts.h"
#include "widgets/pages/runs/verification_row.h"
#include "widgets/run/run_summary.h"
#include "widgets/theme/flow_layout.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/parts.h"

namespace llavakd {
namespace {

// What keeps the run from being opened or gone on with; empty: nothing.
QString hindranceOf(const RunRow& run) {
  if (!run.fault.isEmpty()) return run.fault;
  if (!run.belongs)
    return run.owner.isEmpty()
               ? RunDetails::tr("The run belongs to another project: it can be compared, not gone on with.")
               : RunDetails::tr("The run belongs to %1: open that project to go on with it.").arg(run.owner);
  if (run.imported) return RunDetails::tr("Read from another program's files: to look at and to compare.");
  if (run.ablation) return RunDetails::tr("A part of an ablation: `llavakd ablate` goes on with it.");
  return {};
}

QString factsOf(const RunRow& run) {
  QStringList facts;
  if (const QString steps = stepsText(run); !steps.isEmpty())
    facts << (run.stage.isEmpty() ? RunDetails::tr("Step %1").arg(steps)
                                  : RunDetails::tr("Step %1, in %2").arg(steps, run.stage));
  if (run.started > 0) facts << RunDetails::tr("Started %1").arg(runTimeText(run.started));
  if (run.seconds > 0) facts << RunDetails::tr("%1 at work").arg(theme::durationText(run.seconds));
  if (run.bytes) facts << RunDetails::tr("%1 on disk").arg(theme::bytesText(double(*run.bytes)));
  return facts.join(QLatin1Char('\n'));
}

void setTextIfAny(QLabel* label, const QString& text) {
  label->setText(text);
  label->setVisible(!text.isEmpty());
}

}  // namespace

RunDetails::RunDetails(RunVerifier* verifier, QWidget* parent)
    : QWidget(parent), m_verification(new VerificationRow(verifier)), m_checkpoints(new CheckpointList) {
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, theme::gap, 0, 0);
  row->setSpacing(theme::gapHuge);
  row->addWidget(makeFacts(), 2);
  row->addWidget(m_checkpoints, 3);
}

QWidget* RunDetails::makeFacts() {
  auto* content = new QWidget;
  auto* column = new QVBoxLayout(content);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(theme::gapSmall);
  auto* head = new QHBoxLayout;
  head->setSpacing(theme::gap);
  head->addWidget(m_name = new ElidedLabel({}, theme::Size::title, Qt::ElideMiddle), 1);
  head->addWidget(m_state = new StateBadge);
  column->addLayout(head);
  m_facts = new TextLabel;
  m_scores = new TextLabel;
  m_message = new TextLabel({}, theme::Size::body, TextLabel::Tone::muted);
  m_message->setObjectName(QStringLiteral("runMessage"));
  m_gates = new TextLabel;
  m_gates->setObjectName(QStringLiteral("runGates"));
  column->addWidget(m_preview = new RunPreview);
  for (TextLabel* label : {m_facts, m_scores, m_gates, m_message}) {
    label->setWordWrap(true);
    label->setTextFormat(Qt::PlainText);  // what comes from files is no markup
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    column->addWidget(label);
  }
  column->addWidget(m_verification);
  column->addStretch();
  auto* area = new QScrollArea;  // a fault may be a long text
  area->setWidgetResizable(true);
  area->setFrameShape(QFrame::NoFrame);
  area->setFocusPolicy(Qt::NoFocus);  // makeScrolling() says why
  area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  area->setWidget(content);
  auto* facts = new QWidget;
  auto* rows = new QVBoxLayout(facts);
  rows->setContentsMargins(0, 0, 0, 0);
  rows->setSpacing(theme::gapSmall);
  rows->addWidget(area, 1);
  rows->addWidget(makeButtons());  // in sight, however long the rest is
  return facts;
}

QWidget* RunDetails::makeButtons() {
  auto* buttons = new QWidget;
  auto* row = new FlowLayout(buttons);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(theme::gapSmall);
  auto* where = new TextLabel(tr("Show in"), theme::Size::body, TextLabel::Tone::muted);
  where->setMinimumHeight(theme::rowHeight);  // on the line of the buttons
  row->addWidget(where);
  const auto make = [&](const QString& text, const char* page) {
    auto* button = new QPushButton(text);
    button->setObjectName(QStringLiteral("open-") + QLatin1String(page));
    connect(button, &QPushButton::clicked, this, [this, page] { Q_EMIT openRequested(m_folder, QLatin1String(page)); });
    row->addWidget(button);
    return button;
  };
  m_train = make(tr("&Train"), "train");
  m_inspect = make(tr("&Inspect"), "inspect");
  m_compare = make(tr("&Compare"), "compare");
  m_train->setToolTip(tr("Show this run on the Train page"));
  m_inspect->setToolTip(tr("Show this run on the Inspect page"));
  m_compare->setToolTip(tr("Show this run on the Compare page"));
  m_bundle = new QPushButton(tr("&Bundle…"));
  m_bundle->setObjectName(QStringLiteral("bundleRun"));
  connect(m_bundle, &QPushButton::clicked, this, [this] { (new BundleDialog(m_run, window()))->open(); });
  row->addWidget(m_bundle);
  m_report = new QPushButton(tr("Rep&ort…"));
  m_report->setObjectName(QStringLiteral("reportRun"));
  m_report->setToolTip(tr("Write a page with curves, scores and maps of this run that any browser opens"));
  connect(m_report, &QPushButton::clicked, this, [this] { (new ReportDialog({m_run}, window()))->open(); });
  row->addWidget(m_report);
  m_delete = new QPushButton(tr("&Delete run…"));
  m_delete->setObjectName(QStringLiteral("deleteRun"));
  connect(m_delete, &QPushButton::clicked, this, &RunDetails::deleteRequested);
  row->addWidget(m_delete);
  return buttons;
}

void RunDetails::setRun(const RunRow& run) {
  m_run = run;
  m_folder = run.folder;
  m_name->setText(run.name);
  const theme::State look = run.fault.isEmpty() ? lookOf(run.state) : theme::State::failed;
  m_state->setState(look, stateText(run));
  setTextIfAny(m_facts, factsOf(run));
  setTextIfAny(m_scores, run.scores);
  setTextIfAny(m_gates, run.gates);
  const QString hindrance = hindranceOf(run);
  setTextIfAny(m_message, hindrance.isEmpty() ? run.message : hindrance);
  for (QPushButton* button : {m_train, m_inspect, m_compare}) button->setEnabled(run.canBeOpened());
  m_delete->setEnabled((run.belongs || !run.fault.isEmpty()) && !run.isAtWork());
  m_delete->setToolTip(run.isAtWork() ? tr("The run is at work: stop it first.") : QString());
  m_bundle->setEnabled(run.fault.isEmpty() && !run.isAtWork());
  m_bundle->setToolTip(run.isAtWork()
                           ? tr("The run is at work: it can be bundled once it has stopped.")
                           : tr("Write a folder with which others can look at the run and repeat its steps"));
  m_report->setEnabled(run.fault.isEmpty());
  m_verification->setRun(run);
  m_preview->setRun(run);
  m_checkpoints->setRun(run);
}

}  // namespace llavakd
