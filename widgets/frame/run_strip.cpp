// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/frame/run_strip.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPainter>
#include <QToolButton>
#include <algorithm>
#include <utility>

#include "core/project/options.h"
#include "widgets/document/conversions.h"
#include "widgets/document/project_document.h"
#include "widgets/frame/run_chooser.h"
#include "widgets/run/project_check.h"
#include "widgets/run/run_verifier.h"
#include "widgets/run/run_watcher.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/parts.h"

namespace llavakd {
namespace {

constexpr int narrowStrip = 800, narrowName = 64;  // pixels

// Before a run has spoken, the schedule of the project says what it will be.
RunProgress plannedProgress(const Project& project) {
  RunProgress progress;
  if (!project.schedule.empty())
    for (const std::string& name : project.schedule) progress.stages.push_back({.name = name});
  else
    for (const StageOptions& stage : project.stages) progress.stages.push_back({.name = stage.name});
  return progress;
}

}  // namespace

StageBands::StageBands(QWidget* parent) : QWidget(parent) {
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  setFont(theme::font(theme::Size::caption));
}

void StageBands::setProgress(const RunProgress& progress) {
  m_progress = progress;
  QStringList parts;
  for (size_t i = 0; i < progress.stages.size(); ++i)
    parts << tr("%1 %2 %").arg(toQString(progress.stages[i].name)).arg(int(100 * progress.fraction(i)));
  setAccessibleName(tr("Progress: %1").arg(parts.join(QStringLiteral(", "))));
  QString tip;
  for (const StageProgress& stage : progress.stages)
    tip += stage.steps > 0
               ? tr("%1: step %2 of %3\n")
                     .arg(toQString(stage.name), theme::wholeNumber(stage.done), theme::wholeNumber(stage.steps))
               : tr("%1: not begun\n").arg(toQString(stage.name));
  setToolTip(tip.trimmed());
  update();
}

void StageBands::paintEvent(QPaintEvent*) {
  if (m_progress.stages.empty()) return;
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const auto& stages = m_progress.stages;
  const bool known = std::all_of(stages.begin(), stages.end(), [](const auto& s) { return s.steps > 0; });
  double total = 0;
  for (const auto& stage : stages) total += known ? double(stage.steps) : 1;
  const double gaps = double(theme::gapLarge) * double(stages.size() - 1);
  const double textHeight = fontMetrics().height(), barHeight = 6;
  const double top = (height() - textHeight - barHeight - 3) / 2;
  double x = 0;
  for (size_t i = 0; i < stages.size(); ++i) {
    // A stage of two steps among thousands still needs room for its name.
    const double part = (known ? double(stages[i].steps) : 1) / total;
    const double least = 0.5 / double(stages.size());
    const double w = (width() - gaps) * (least + part * (1 - least * double(stages.size())));
    const bool current = int(i) == m_progress.current && isActive(m_progress.state);
    painter.setPen(current ? theme::text() : theme::mutedText());
    // The number is short and says more than the end of a long name.
    const QString share = stages[i].started && stages[i].steps > 0 && w > 90
                              ? QStringLiteral("%1 %").arg(int(100 * m_progress.fraction(i)))
                              : QString();
    const double room = w - (share.isEmpty() ? 0 : fontMetrics().horizontalAdvance(share) + theme::gapSmall);
    painter.drawText(QRectF(x, top, w, textHeight), Qt::AlignRight | Qt::AlignVCenter, share);
    painter.drawText(QRectF(x, top, w, textHeight), Qt::AlignLeft | Qt::AlignVCenter,
                     fontMetrics().elidedText(toQString(stages[i].name), Qt::ElideRight, int(room)));
    const QRectF bar(x, top + textHeight + 3, w, barHeight);
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme::border());
    painter.drawRoundedRect(bar, 3, 3);
    const double done = m_progress.fraction(i) * w;
    if (done > 0) {
      const bool paused = m_progress.state == RunState::paused && current;
      painter.setBrush(paused               ? theme::stateColor(theme::State::paused)
                       : stages[i].finished ? theme::stateColor(theme::State::done)
                                            : theme::accent());
      painter.drawRoundedRect(QRectF(bar.left(), bar.top(), std::max(done, barHeight), barHeight), 3, 3);
    }
    x += w + theme::gapLarge;
  }
}

// Starts or resumes; a mark in its corner says when the check of the project found something.
class StartButton : public QToolButton {
 public:
  explicit StartButton(QWidget* parent) : QToolButton(parent) {
    setAutoRaise(true);
    setIcon(theme::icon(QStringLiteral("play")));
    setIconSize({theme::iconSize, theme::iconSize});
    setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    setPopupMode(QToolButton::MenuButtonPopup);
    setFocusPolicy(Qt::TabFocus);
    setObjectName(QStringLiteral("start"));
  }
  void setMark(const QColor& color) {
    m_mark = color;
    update();
  }

 protected:
  void paintEvent(QPaintEvent* event) override {
    QToolButton::paintEvent(event);
    if (!m_mark.isValid()) return;
    constexpr double side = 8;
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(theme::window(), 1.5));
    painter.setBrush(m_mark);
    painter.drawEllipse(QRectF(theme::iconSize - 2, 1, side, side));
  }

 private:
  QColor m_mark;
};

RunStrip::RunStrip(ProjectDocument* document, RunWatcher* run, QWidget* parent)
    : QWidget(parent), m_document(document), m_run(run) {
  setFixedHeight(56);
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(theme::pageMargin, 0, theme::gap, 1);
  row->setSpacing(theme::gapLarge);
  m_name = new ElidedLabel({}, theme::Size::title, Qt::ElideRight, this);
  m_name->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
  m_name->setMaximumWidth(260);
  m_bands = new StageBands(this);
  m_state = new StateBadge(this);
  m_verified = new StateBadge(this);
  m_verified->setObjectName(QStringLiteral("verified"));
  m_runs = new RunChooser(run, this);
  m_left = new ElidedLabel({}, theme::Size::body, Qt::ElideRight, this);
  m_left->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
  m_left->setMuted(true);
  m_left->setObjectName(QStringLiteral("timeLeft"));
  m_modified = new TextLabel(QStringLiteral("•"), theme::Size::title, TextLabel::Tone::normal, this);
  m_modified->setToolTip(tr("Changes that aren't saved"));
  auto* name = new QHBoxLayout;
  name->setSpacing(theme::gapTiny);
  name->addWidget(m_name);
  name->addWidget(m_modified);
  row->addLayout(name);
  row->addWidget(m_bands, 1);
  row->addWidget(m_runs);
  row->addWidget(m_state);
  row->addWidget(m_verified);
  row->addWidget(m_left);
  makeButtons();
  auto* buttons = new QHBoxLayout;
  buttons->setSpacing(theme::gapTiny);
  buttons->addWidget(m_start);
  buttons->addSpacing(theme::gapSmall);  // its menu's arrow is no part of Pause
  buttons->addWidget(m_pause);
  buttons->addWidget(m_stop);
  row->addLayout(buttons);
  connect(document, &ProjectDocument::changed, this, &RunStrip::refresh);
  connect(document, &ProjectDocument::closed, this, &RunStrip::refresh);
  connect(document, &ProjectDocument::modifiedChanged, this, &RunStrip::refresh);
  connect(run, &RunWatcher::progressChanged, this, &RunStrip::refresh);
  connect(RunVerifier::of(run), &RunVerifier::changed, this, &RunStrip::refreshVerified);
  connect(ProjectCheck::of(document), &ProjectCheck::changed, this, &RunStrip::refresh);
  refresh();
}

void RunStrip::makeButtons() {
  m_start = new StartButton(this);
  m_pause = makeToolButton(QStringLiteral("pause"), {}, tr("Pause the run"), this);
  m_stop = makeToolButton(QStringLiteral("stop"), {}, tr("Stop after this step and save"), this);
  m_pause->setObjectName(QStringLiteral("pause"));
  m_stop->setObjectName(QStringLiteral("stop"));
  m_pause->setFocusPolicy(Qt::TabFocus);
  m_stop->setFocusPolicy(Qt::TabFocus);
  auto* menu = new QMenu(m_start);
  menu->addAction(theme::icon(QStringLiteral("play")), tr("&New run"), this, &RunStrip::startRequested);
  m_start->setMenu(menu);
  fitWidth();
  connect(m_start, &QToolButton::clicked, this,
          [this] { canGoOn(m_run->progress()) ? Q_EMIT resumeRequested() : Q_EMIT startRequested(); });
  connect(m_stop, &QToolButton::clicked, this, &RunStrip::stopRequested);
  connect(m_pause, &QToolButton::clicked, this,
          [this] { m_run->state() == RunState::paused ? Q_EMIT resumeRequested() : Q_EMIT pauseRequested(); });
}

void RunStrip::fitWidth() {
  const bool isNarrow = width() < narrowStrip;
  const QString shown = m_start->text();
  m_start->setToolButtonStyle(isNarrow ? Qt::ToolButtonIconOnly : Qt::ToolButtonTextBesideIcon);
  int widest = 0;
  for (const QString& text : {tr("Start"), tr("Resume")}) {
    m_start->setText(text);
    widest = std::max(widest, m_start->sizeHint().width());
  }
  m_start->setText(shown);
  m_start->setFixedWidth(widest);
  fitName();
}

void RunStrip::fitName() {
  const int most = width() < narrowStrip ? narrowName : m_name->maximumWidth();
  m_name->setMinimumWidth(std::min(most, m_name->sizeHint().width()));
}

void RunStrip::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  fitWidth();
}

void RunStrip::setWaiting(const QString& what) {
  m_waiting = what;
  refresh();
}

void RunStrip::refresh() {
  const bool open = m_document->isOpen();
  m_name->setText(open ? m_document->name() : QStringLiteral("LLaVA-KD Studio"));
  m_modified->setVisible(open && m_document->isModified());
  fitName();
  RunProgress progress = open ? m_run->progress() : RunProgress();
  if (open && progress.stages.empty()) {
    progress = plannedProgress(m_document->project());
    progress.state = m_run->state();
  }
  if (progress.state != m_lastState) m_waiting.clear();  // the run has answered
  m_lastState = progress.state;
  m_bands->setProgress(progress);
  refreshState(progress);
  refreshVerified();
  refreshButtons(progress);
}

// While a run is at work there is nothing to say of its end.
void RunStrip::refreshVerified() {
  RunVerifier* verifier = RunVerifier::of(m_run);
  const QString folder = m_document->isOpen() ? m_run->runFolder() : QString();
  if (folder != std::exchange(m_verifiedRun, folder)) verifier->look(folder);
  const VerifiedBadge shown = verifiedBadge(verifier->known(folder));
  m_verified->setState(shown.state, shown.text);
  m_verified->setToolTip(shown.facts);
  m_verified->setVisible(!folder.isEmpty() && !shown.text.isEmpty() && !isActive(m_run->state()));
}

void RunStrip::refreshState(const RunProgress& progress) {
  const RunState state = progress.state;
  m_state->setVisible(state != RunState::none || !m_waiting.isEmpty());
  const bool atGate = state == RunState::paused && progress.unmetGate;
  const QString text = atGate ? tr("Waits at a gate") : runStateText(state);
  m_state->setState(lookOf(state), m_waiting.isEmpty() ? text : m_waiting);
  m_state->setToolTip(progress.message);
  const auto left = progress.timeLeft();
  // While it is paused, less than a minute isn't "left": the badge says all there is to say.
  m_left->setVisible(left && (state != RunState::paused || left->seconds >= 60));
  if (left)
    m_left->setText(timeLeftText(*left, state == RunState::running ? QDateTime::currentDateTime() : QDateTime()));
}

void RunStrip::refreshButtons(const RunProgress& progress) {
  const bool open = m_document->isOpen(), ready = open && m_waiting.isEmpty();
  const bool active = isActive(progress.state), paused = progress.state == RunState::paused;
  for (QToolButton* button : {static_cast<QToolButton*>(m_start), m_pause, m_stop}) button->setVisible(open);
  const bool goesOn = canGoOn(progress);
  m_start->setText(goesOn ? tr("Resume") : tr("Start"));
  m_start->setAccessibleName(m_start->text());
  m_start->setEnabled(ready && !active && progress.state != RunState::starting);
  const ProjectCheck* check = ProjectCheck::of(m_document);
  const MatchLevel worst = check->isRunning() ? MatchLevel::green : check->result().worst();
  const ProjectCheck::Item* red = check->isRunning() ? nullptr : check->result().red();
  m_start->setMark(!m_start->isEnabled() || worst == MatchLevel::green
                       ? QColor()
                       : theme::stateColor(red ? theme::State::failed : theme::State::paused));
  QString tip = goesOn ? tr("Go on from the newest checkpoint (F6)") : tr("Start a run of this project (F5)");
  if (red) tip = QStringLiteral("<p>%1</p><p>%2</p>").arg(tip, red->sentence().toHtmlEscaped());
  m_start->setToolTip(tip);
  m_start->setAccessibleDescription(red ? red->sentence() : QString());
  m_pause->setEnabled(ready && active);
  m_stop->setEnabled(ready && active);
  m_pause->setIcon(theme::icon(paused ? QStringLiteral("play") : QStringLiteral("pause")));
  m_pause->setToolTip(paused ? tr("Go on with the next step (F6)") : tr("Finish the step and wait (F6)"));
  m_pause->setAccessibleName(paused ? tr("Go on") : tr("Pause the run"));
}

void RunStrip::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setPen(theme::border());
  painter.drawLine(0, height() - 1, width(), height() - 1);
}

}  // namespace llavakd
