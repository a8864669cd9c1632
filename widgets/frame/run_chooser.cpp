// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/frame/run_chooser.h"

#include <QFileInfo>
#include <QMenu>
#include <QRegularExpression>

#include "widgets/run/run_watcher.h"
#include "widgets/theme/numbers.h"

namespace llavakd {
namespace {

// Without a name of its own a run is called by the time of its start, which is said already.
QString ownName(const RunSummary& run) {
  static const QRegularExpression time(QStringLiteral("^\\d{4}-\\d\\d-\\d\\d-\\d{6}"));
  const QString name = QFileInfo(run.folder).fileName();
  if (time.match(name).hasMatch()) return {};
  constexpr qsizetype most = 32;
  return name.size() <= most ? name : name.left(most - 1) + QStringLiteral("…");
}

QString lineOf(const RunSummary& run) {
  const QString name = ownName(run);
  const QString time = name.isEmpty() ? runTimeText(run.when) : runTimeText(run.when) + QStringLiteral(" · ") + name;
  if (!run.fault.isEmpty()) return RunChooser::tr("%1 · damaged").arg(time);
  if (!run.belongs)
    return run.owner.isEmpty() ? RunChooser::tr("%1 · of another project").arg(time)
                               : RunChooser::tr("%1 · of %2").arg(time, run.owner);
  if (!run.begun && run.state == RunState::failed) return RunChooser::tr("%1 · failed before its first step").arg(time);
  return RunChooser::tr("%1 · %2").arg(time, runStateText(run.state));
}

}  // namespace

RunChooser::RunChooser(RunWatcher* run, QWidget* parent) : QToolButton(parent), m_run(run) {
  setAutoRaise(true);
  setPopupMode(QToolButton::InstantPopup);
  setToolButtonStyle(Qt::ToolButtonTextOnly);
  setFocusPolicy(Qt::TabFocus);
  setToolTip(tr("The run that is shown"));
  setObjectName(QStringLiteral("runs"));
  auto* menu = new QMenu(this);
  menu->setToolTipsVisible(true);
  setMenu(menu);
  connect(menu, &QMenu::aboutToShow, this, &RunChooser::fillMenu);
  hide();
  connect(run, &RunWatcher::runsChanged, this, &RunChooser::refresh);
  connect(run, &RunWatcher::reset, this, &RunChooser::refresh);
  refresh();
}

void RunChooser::refresh() {
  const auto& runs = m_run->runs();
  setVisible(!runs.empty() && !m_run->projectFile().isEmpty());
  QString text = tr("Runs");
  for (const RunSummary& run : runs)
    if (run.folder == m_run->runFolder()) text = runTimeText(run.when);
  setText(text);
  setAccessibleName(tr("The run that is shown: %1").arg(text));
}

void RunChooser::fillMenu() {
  menu()->clear();
  QAction* newest = menu()->addAction(tr("Always the newest"), m_run, [run = m_run] { run->choose({}); });
  newest->setCheckable(true);
  newest->setChecked(!m_run->isChosen());
  menu()->addSeparator();
  constexpr size_t most = 20;  // more would not fit on the screen
  const std::vector<RunSummary>& runs = m_run->runs();
  for (size_t i = 0; i < runs.size(); ++i)
    if (i < most || runs[i].folder == m_run->runFolder()) addRun(runs[i]);
  menu()->addSeparator();
  menu()->addAction(tr("All %1 runs…").arg(theme::wholeNumber(qint64(runs.size()))), this,
                    &RunChooser::allRunsRequested);
}

void RunChooser::addRun(const RunSummary& run) {
  QAction* action = menu()->addAction(lineOf(run), m_run, [watcher = m_run, run] { watcher->choose(run.folder); });
  action->setToolTip(run.fault.isEmpty() ? QFileInfo(run.folder).fileName() : run.fault);
  action->setCheckable(true);
  action->setChecked(run.folder == m_run->runFolder());
  action->setEnabled(run.canBeShown());
}

}  // namespace llavakd
