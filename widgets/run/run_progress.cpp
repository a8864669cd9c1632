// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/run/run_progress.h"

#include <QCoreApplication>
#include <QLocale>
#include <QStringList>
#include <algorithm>
#include <cmath>
#include <utility>

#include "widgets/theme/numbers.h"

namespace llavakd {
namespace {

QString tr(const char* text) {
  return QCoreApplication::translate("RunProgress", text);
}

// 0, unknown, for what no run can have: a file may hold anything, and times are computed with it.
int64_t plannedSteps(int64_t steps) {
  constexpr int64_t most = 1'000'000'000'000'000;
  return steps > 0 && steps < most ? steps : 0;
}

std::vector<StageProgress> announcedStages(const std::vector<PlannedStage>& plan) {
  std::vector<StageProgress> stages;
  for (const PlannedStage& stage : plan) stages.push_back({.name = stage.name, .steps = plannedSteps(stage.steps)});
  return stages;
}

}  // namespace

QString runStateText(RunState state) {
  switch (state) {
    case RunState::none:
      return tr("No run yet");
    case RunState::starting:
      return tr("Starting");
    case RunState::running:
      return tr("Running");
    case RunState::paused:
      return tr("Paused");
    case RunState::finished:
      return tr("Finished");
    case RunState::stopped:
      return tr("Stopped");
    case RunState::failed:
      return tr("Failed");
    case RunState::interrupted:
      return tr("Interrupted");
  }
  return {};
}

theme::State lookOf(RunState state) {
  switch (state) {
    case RunState::running:
    case RunState::starting:
      return theme::State::running;
    case RunState::paused:
      return theme::State::paused;
    case RunState::stopped:
      return theme::State::stopped;
    case RunState::interrupted:
      return theme::State::interrupted;
    case RunState::finished:
      return theme::State::done;
    case RunState::failed:
      return theme::State::failed;
    case RunState::none:
      break;
  }
  return theme::State::none;
}

// The plan as it is announced now, and how far it has come: a run that goes on may have another plan than it began
// with, and its checkpoint lies behind the steps that were seen.
void RunProgress::begin(const Event& event, const std::vector<PlannedStage>& plan) {
  const std::vector<StageProgress> before = std::exchange(stages, announcedStages(plan));
  if (stages.empty()) stages = before;
  current = -1;
  for (std::size_t i = 0; i < stages.size() && !event.stage.empty(); ++i) {
    if (stages[i].name != event.stage) continue;
    current = int(i);
    if (i >= before.size() || !before[i].finished) break;  // a stage may come twice in a schedule
  }
  for (int i = 0; i < int(stages.size()); ++i) {
    StageProgress& stage = stages[size_t(i)];
    const bool seen = size_t(i) < before.size() && before[size_t(i)].name == stage.name;
    stage.finished = i < current;
    stage.started = i <= current;
    stage.done = i > current ? 0 : i == current ? event.stage_step : stage.steps;
    if (stage.finished && seen && before[size_t(i)].finished) stage.done = before[size_t(i)].done;
    if (stage.finished) stage.steps = stage.done;
  }
  hasCheckpoint = event.is<RunResumedEvent>();
  step = event.step;
  state = RunState::running;
  message.clear();
  failedSample.clear();
  failedStage.clear();
  failedNumber = false;
  unmetGate.reset();
  const auto* wentOn = event.as<RunResumedEvent>();
  checkpoint = wentOn ? QString::fromStdString(wentOn->checkpoint) : QString();
  m_lastStepTime = 0;
}

StageProgress& RunProgress::stageOf(const Event& event) {
  if (current >= 0 && stages[size_t(current)].name == event.stage && !stages[size_t(current)].finished)
    return stages[size_t(current)];
  // A stage may come twice in a schedule: the first that isn't finished is meant.
  auto found = std::find_if(stages.begin(), stages.end(),
                            [&](const StageProgress& s) { return s.name == event.stage && !s.finished; });
  if (found == stages.end()) found = stages.insert(stages.end(), StageProgress{.name = event.stage});
  current = int(found - stages.begin());
  return *found;
}

void RunProgress::countStep(const Event& event, const StepEvent& done) {
  StageProgress& stage = stageOf(event);
  stage.started = true;
  stage.done = event.stage_step;
  if (stage.steps > 0) stage.steps = std::max(stage.steps, stage.done);
  step = event.step;
  if (state != RunState::paused) state = RunState::running;
  double seconds = event.time - m_lastStepTime;
  if (m_lastStepTime <= 0 || !(seconds > 0)) seconds = done.seconds;
  m_lastStepTime = event.time;
  m_times.add(event.stage, done, seconds);
}

void RunProgress::consume(const Event& event) {
  if (const auto* done = event.as<StepEvent>()) {
    countStep(event, *done);
  } else if (const auto* runBegun = event.as<RunStartedEvent>()) {
    begin(event, runBegun->stages);
  } else if (const auto* wentOn = event.as<RunResumedEvent>()) {
    begin(event, wentOn->stages);
  } else if (const auto* begun = event.as<StageStartedEvent>()) {
    StageProgress& stage = stageOf(event);
    stage.started = true;
    stage.done = event.stage_step;
    if (const int64_t steps = plannedSteps(begun->steps)) stage.steps = steps;
    state = RunState::running;
    m_lastStepTime = 0;
  } else if (event.is<StageFinishedEvent>()) {
    StageProgress& stage = stageOf(event);
    stage.started = stage.finished = true;
    stage.done = std::max(stage.done, event.stage_step);
    stage.steps = stage.done;  // it may end early, by max_steps
  } else if (event.is<PausedEvent>()) {
    state = RunState::paused;
  } else if (event.is<UnpausedEvent>()) {
    state = RunState::running;
    m_lastStepTime = 0;
  } else if (const auto* saved = event.as<CheckpointEvent>()) {
    hasCheckpoint = true;
    checkpoint = QString::fromStdString(saved->path).section(QLatin1Char('/'), -1);
  } else if (const auto* gate = event.as<GateEvent>()) {
    const bool stays = gate->outcome == "waiting" || gate->outcome == "stopped";
    unmetGate = stays ? std::optional(*gate) : std::nullopt;
    gateStage = QString::fromStdString(event.stage);
  } else if (const auto* finished = event.as<RunFinishedEvent>()) {
    state = finished->status == "stopped" ? RunState::stopped : RunState::finished;
  } else if (const auto* failed = event.as<FailedEvent>()) {
    state = RunState::failed;
    message = QString::fromStdString(failed->message);
    failedSample = QString::fromStdString(failed->sample.value_or(""));
    failedStage = QString::fromStdString(event.stage);
    failedNumber = failed->cause == "not_a_number";
  }
}

std::optional<TimeLeft> RunProgress::timeLeft(std::size_t index) const {
  if (!isActive(state) || index >= stages.size()) return std::nullopt;
  const StageProgress& stage = stages[index];
  if (stage.finished) return TimeLeft{};
  const auto speed = m_times.secondsPerStep(stage.name);
  if (!speed || stage.steps <= 0) return std::nullopt;
  return TimeLeft{speed->seconds * double(std::max<int64_t>(0, stage.steps - stage.done)), !speed->measured, {}};
}

std::optional<TimeLeft> RunProgress::timeLeft() const {
  if (!isActive(state)) return std::nullopt;
  TimeLeft sum;
  bool known = false;
  for (std::size_t i = 0; i < stages.size(); ++i) {
    if (stages[i].finished) continue;
    const auto left = timeLeft(i);
    if (!left) {
      sum.unknown.push_back(stages[i].name);
      continue;
    }
    known = true;
    sum.seconds += left->seconds;
    sum.estimated = sum.estimated || left->estimated;
  }
  // Before its first step the present stage tells nothing, and what comes later alone would be no answer.
  const bool waiting = current >= 0 && !sum.unknown.empty() && sum.unknown.front() == stages[size_t(current)].name;
  return known && !waiting ? std::optional(sum) : std::nullopt;
}

double RunProgress::fraction(std::size_t stage) const {
  if (stage >= stages.size()) return 0;
  if (stages[stage].finished) return 1;
  if (stages[stage].steps <= 0) return 0;
  return std::clamp(double(stages[stage].done) / double(stages[stage].steps), 0.0, 1.0);
}

bool canGoOn(const RunProgress& progress) {
  const bool gone = progress.state == RunState::stopped || progress.state == RunState::interrupted ||
                    progress.state == RunState::failed;
  return gone && progress.hasCheckpoint;
}

QString timeLeftText(double seconds) {
  if (seconds < 60) return tr("under a minute left");
  const auto minutes = int64_t(std::ceil(std::min(seconds, 1e9) / 60));
  return tr("%1 left").arg(theme::durationText(60.0 * double(minutes)));
}

QString timeLeftText(const TimeLeft& left, const QDateTime& now) {
  QString text = timeLeftText(left.seconds);
  if (left.estimated && left.seconds >= 60) text = tr("about %1").arg(text);
  if (!left.unknown.empty()) {
    QStringList names;
    for (const std::string& name : left.unknown) names << QString::fromStdString(name);
    return tr("%1, then %2").arg(text, names.join(QStringLiteral(", ")));
  }
  if (!now.isValid()) return text;
  const QDateTime end = now.addSecs(qint64(std::min(left.seconds, 1e9)));
  const QLocale locale;
  QString when = theme::clockTime(end.time());
  const qint64 days = now.date().daysTo(end.date());
  if (days > 6)
    when = locale.toString(end.date(), QLocale::ShortFormat);
  else if (days > 0)
    when = locale.dayName(end.date().dayOfWeek(), QLocale::ShortFormat) + QLatin1Char(' ') + when;
  return tr("%1, until %2").arg(text, when);
}

}  // namespace llavakd
