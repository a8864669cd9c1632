// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/train/gate_panel.h"

#include <QGridLayout>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

#include "widgets/document/conversions.h"
#include "widgets/run/gate_texts.h"
#include "widgets/run/run_progress.h"
#include "widgets/theme/action_button.h"

namespace llavakd {
namespace {

// The stage that a roll back leads to; empty: there is none.
QString stageBefore(const RunProgress& progress) {
  for (size_t i = 1; i < progress.stages.size(); ++i)
    if (toQString(progress.stages[i].name) == progress.gateStage) return toQString(progress.stages[i - 1].name);
  return {};
}

bool isGateNumber(int column) {
  return column == 1 || column == 2;
}

}  // namespace

GatePanel::GatePanel(QWidget* parent)
    : Card(theme::Who::none, parent),
      m_title(new TextLabel({}, theme::Size::title)),
      m_state(new TextLabel({}, theme::Size::body, TextLabel::Tone::muted)),
      m_numbers(new QWidget) {
  setObjectName(QStringLiteral("gate"));
  body()->setSpacing(theme::gapSmall);
  for (TextLabel* label : {m_title, m_state}) {
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    body()->addWidget(label);
  }
  body()->addWidget(m_numbers);
  makeButtons(body());
  hide();
}

void GatePanel::makeButtons(QVBoxLayout* column) {
  auto* row = new QHBoxLayout;
  row->setSpacing(theme::gapSmall);
  m_reason = new QLineEdit;
  m_reason->setObjectName(QStringLiteral("gateReason"));
  m_reason->setPlaceholderText(tr("Why? The run’s record keeps it."));
  m_reason->setAccessibleName(tr("Reason"));
  m_reason->setMaxLength(1000);
  m_goOn = new ActionButton(tr("&Go on"), true);
  m_goOn->setObjectName(QStringLiteral("gateGoOn"));
  m_rollBack = new QPushButton;
  m_rollBack->setObjectName(QStringLiteral("gateRollBack"));
  m_rollBack->setToolTip(tr("What the stage has made is kept as a run of its own."));
  m_stop = new QPushButton(tr("S&top"));
  m_stop->setObjectName(QStringLiteral("gateStop"));
  m_stop->setToolTip(tr("The run ends here, saved; it can go on later."));
  row->addWidget(m_reason, 1);
  for (QPushButton* button : {static_cast<QPushButton*>(m_goOn), m_rollBack, m_stop}) row->addWidget(button);
  column->addLayout(row);
  connect(m_reason, &QLineEdit::textChanged, this, &GatePanel::refreshButtons);
  connect(m_goOn, &QPushButton::clicked, this, [this] { answer(GateAnswer::What::go_on); });
  connect(m_rollBack, &QPushButton::clicked, this, [this] { answer(GateAnswer::What::roll_back); });
  connect(m_stop, &QPushButton::clicked, this, [this] { answer(GateAnswer::What::stop); });
}

void GatePanel::setProgress(const RunProgress& progress) {
  const bool waits = progress.state == RunState::paused, stopped = progress.state == RunState::stopped;
  if (!progress.unmetGate || !(waits || stopped)) {
    m_shown.clear();
    return hide();
  }
  const QString shown = QStringLiteral("%1 %2 %3").arg(progress.gateStage).arg(progress.step).arg(waits);
  if (m_shown == shown) return;
  m_shown = shown;
  m_answered = false;
  m_title->setText(tr("The gate of %1 isn’t met").arg(progress.gateStage));
  m_state->setText(waits ? tr("The run waits for your answer.") : tr("The run has stopped here; it is saved."));
  m_reason->clear();
  const QString before = stageBefore(progress);
  m_rollBack->setText(tr("&Roll back to %1").arg(before));
  m_rollBack->setVisible(!before.isEmpty());
  m_stop->setVisible(waits);
  showNumbers(*progress.unmetGate);
  refreshButtons();
  show();
}

void GatePanel::showNumbers(const GateEvent& gate) {
  delete m_numbers;
  m_numbers = new QWidget;
  m_numbers->setObjectName(QStringLiteral("gateNumbers"));
  auto* grid = new QGridLayout(m_numbers);
  grid->setContentsMargins(0, 0, 0, 0);
  grid->setHorizontalSpacing(theme::gapHuge);
  grid->setVerticalSpacing(theme::gapTiny);
  const QStringList heads{tr("Number"), tr("Before"), tr("After"), tr("Limit")};
  for (int column = 0; column < int(heads.size()); ++column)
    grid->addWidget(new TextLabel(heads[column], theme::Size::caption, TextLabel::Tone::muted), 0, column,
                    isGateNumber(column) ? Qt::AlignRight : Qt::AlignLeft);
  QStringList read;
  for (int row = 0; row < int(gate.numbers.size()); ++row) {
    const GateNumber& number = gate.numbers[size_t(row)];
    const QStringList texts{limitSubject(number.measure, number.of), gateNumber(number.measure, number.before),
                            gateNumber(number.measure, number.after), limitBound(number)};
    for (int column = 0; column < int(texts.size()); ++column) {
      auto* label = new TextLabel(texts[column]);
      label->setTextFormat(Qt::PlainText);
      grid->addWidget(label, row + 1, column, isGateNumber(column) ? Qt::AlignRight : Qt::AlignLeft);
    }
    auto* met = new StateBadge;
    met->setState(number.met ? theme::State::done : theme::State::failed, number.met ? tr("met") : tr("not met"));
    grid->addWidget(met, row + 1, int(heads.size()));
    read << tr("%1: before %2, after %3, limit %4, %5").arg(texts[0], texts[1], texts[2], texts[3], met->text());
  }
  grid->setColumnStretch(int(heads.size()) + 1, 1);
  // Who hears the page hears the table as sentences.
  m_numbers->setAccessibleName(tr("Numbers of the gate"));
  m_numbers->setAccessibleDescription(read.join(QStringLiteral(". ")));
  body()->insertWidget(2, m_numbers);
}

void GatePanel::refreshButtons() {
  const bool hasReason = !m_reason->text().trimmed().isEmpty();
  m_goOn->setEnabled(hasReason && !m_answered);
  m_goOn->setToolTip(hasReason ? tr("The next stage begins.") : tr("Say why first: the run’s record keeps it."));
  m_rollBack->setEnabled(!m_answered);
  m_stop->setEnabled(!m_answered);
  m_reason->setEnabled(!m_answered);
}

void GatePanel::answer(GateAnswer::What what) {
  m_answered = true;
  refreshButtons();
  Q_EMIT answered(what, m_reason->text().simplified());
}

void GatePanel::askAgain() {
  m_answered = false;
  refreshButtons();
}

}  // namespace llavakd
