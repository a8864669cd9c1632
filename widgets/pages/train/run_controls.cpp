// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/train/run_controls.h"

#include <QApplication>
#include <QClipboard>
#include <QHBoxLayout>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

#include "widgets/document/conversions.h"
#include "widgets/pages/train/progress_line.h"
#include "widgets/theme/action_button.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/parts.h"

namespace llavakd {
namespace {

QString countText(const QString& name, int64_t done, int64_t total) {
  if (total <= 0) return RunControls::tr("%1 · step %2").arg(name, theme::wholeNumber(done));
  return RunControls::tr("%1 · step %2 of %3").arg(name, theme::wholeNumber(done), theme::wholeNumber(total));
}

}  // namespace

RunControls::RunControls(QWidget* parent)
    : QWidget(parent),
      m_state(new StateBadge),
      m_stage(new ProgressLine),
      m_run(new ProgressLine),
      m_start(new ActionButton(tr("&Start"))),
      m_pause(new ActionButton(tr("&Pause"))),
      m_resume(new ActionButton(tr("&Resume"))),
      m_stop(new ActionButton(tr("S&top"))),
      m_command(new ElidedLabel({}, theme::Size::caption)),
      m_copy(new QToolButton) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(theme::gapSmall);
  auto* row = new QHBoxLayout;
  row->setSpacing(theme::gapLarge);
  row->addWidget(m_state);
  row->addWidget(m_stage, 2);
  row->addWidget(m_run, 3);
  auto* buttons = new QHBoxLayout;
  buttons->setSpacing(theme::gapSmall);
  for (auto* button : {m_pause, m_stop, m_start, m_resume}) buttons->addWidget(button);
  row->addStretch();  // where no progress line is shown
  row->addLayout(buttons);
  layout->addLayout(row);

  auto* line = new QHBoxLayout;
  line->setSpacing(theme::gapTiny);
  m_command->setMuted(true);
  m_copy->setText(tr("Copy"));
  m_copy->setAutoRaise(true);
  m_copy->setFont(theme::font(theme::Size::caption));
  m_copy->setToolTip(tr("Copy the command: in a terminal it does what the button does"));
  connect(m_copy, &QToolButton::clicked, this, [this] { QApplication::clipboard()->setText(m_command->text()); });
  line->addWidget(m_command, 1);
  line->addWidget(m_copy);
  layout->addLayout(line);

  m_start->setIcon(theme::icon(QStringLiteral("play")));
  m_resume->setIcon(theme::icon(QStringLiteral("play")));
  m_pause->setIcon(theme::icon(QStringLiteral("pause")));
  m_stop->setIcon(theme::icon(QStringLiteral("stop")));
  m_pause->setToolTip(tr("Finish the step and wait; the models stay loaded"));
  m_stop->setToolTip(tr("Finish the step, write a checkpoint and end; the run can be resumed exactly"));
  m_start->setObjectName(QStringLiteral("start"));
  m_pause->setObjectName(QStringLiteral("pause"));
  m_resume->setObjectName(QStringLiteral("resume"));
  m_stop->setObjectName(QStringLiteral("stop"));
  connect(m_start, &ActionButton::clicked, this, &RunControls::startClicked);
  connect(m_pause, &ActionButton::clicked, this, &RunControls::pauseClicked);
  connect(m_stop, &ActionButton::clicked, this, &RunControls::stopClicked);
  connect(m_resume, &ActionButton::clicked, this,
          [this] { m_progress.state == RunState::paused ? Q_EMIT resumeClicked() : Q_EMIT continueClicked(); });
  refresh();
}

void RunControls::setProgress(const RunProgress& progress) {
  if (progress.state != m_progress.state) m_waiting.clear();
  m_progress = progress;
  refresh();
}

void RunControls::setCommand(const QString& command, const QString& why) {
  m_command->setText(command.isEmpty() ? why : command);
  m_copy->setVisible(!command.isEmpty());
}

QString RunControls::command() const {
  return m_command->text();
}

void RunControls::setStartable(bool startable) {
  m_startable = startable;
  refresh();
}

void RunControls::setWaiting(const QString& text) {
  m_waiting = text;
  refresh();
}

void RunControls::refresh() {
  const RunState state = m_progress.state;
  const bool waiting = !m_waiting.isEmpty();
  const bool resumable = canGoOn(m_progress);
  const bool idle = !isActive(state) && state != RunState::starting;
  m_state->setState(lookOf(state), waiting ? m_waiting : runStateText(state));

  m_pause->setVisible(state == RunState::running);
  m_stop->setVisible(isActive(state));
  m_resume->setVisible(state == RunState::paused || resumable);
  m_start->setVisible(idle);
  m_start->setText(state == RunState::none ? tr("&Start") : tr("&Start a new run"));
  for (auto* button : {m_start, m_pause, m_resume, m_stop}) button->setEnabled(!waiting && m_startable);
  m_resume->setPrimary(m_resume->isVisibleTo(this));
  m_start->setPrimary(idle && !resumable);
  m_resume->setToolTip(resumable ? tr("Go on from the newest checkpoint, exactly where it was written")
                                 : tr("Go on with the next step"));

  const auto& stages = m_progress.stages;
  const int current = m_progress.current;
  const QColor color = lookOf(state) == theme::State::none ? QColor() : theme::stateColor(lookOf(state));
  const bool known = current >= 0 && current < int(stages.size());
  m_stage->setVisible(known);
  m_run->setVisible(!stages.empty());
  if (!known && stages.empty()) return;
  if (known) {
    const auto& stage = stages[std::size_t(current)];
    const auto stageLeft = stage.finished ? std::nullopt : m_progress.timeLeft(std::size_t(current));
    m_stage->setProgress(countText(toQString(stage.name), stage.done, stage.steps),
                         m_progress.fraction(std::size_t(current)),
                         stageLeft ? timeLeftText(stageLeft->seconds) : QString(), color);
  }
  int64_t done = 0, total = 0;
  bool unknown = false;
  for (const auto& stage : stages) {
    done += stage.done;
    total += stage.steps;
    unknown = unknown || stage.steps <= 0;
  }
  if (unknown) total = 0;
  // While it is paused, nobody knows when it will be over.
  const QDateTime clock = state == RunState::running ? QDateTime::currentDateTime() : QDateTime();
  const auto runLeft = m_progress.timeLeft();
  m_run->setProgress(countText(tr("All stages"), done, total), total > 0 ? double(done) / double(total) : 0,
                     runLeft ? timeLeftText(*runLeft, clock) : QString(), color);
}

}  // namespace llavakd
