// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/engine/run_progress.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>

namespace llavakd {
namespace {

// Long enough to even out a checkpoint's pause, short enough to notice that the machine got slower.
constexpr size_t recent_steps = 32;

QString tr(const char* text) {
  return QCoreApplication::translate("RunProgress", text);
}

int64_t countOf(const nlohmann::ordered_json& fields, const char* key) {
  const auto found = fields.find(key);
  if (found == fields.end() || !found->is_number()) return 0;
  const double value = found->get<double>();
  return value > 0 && value < 1e15 ? int64_t(value) : 0;
}

std::string textOf(const nlohmann::ordered_json& fields, const char* key) {
  const auto found = fields.find(key);
  return found != fields.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::vector<StageProgress> announcedStages(const Event& event) {
  std::vector<StageProgress> stages;
  const auto list = event.fields.find("stages");
  if (list == event.fields.end() || !list->is_array()) return stages;
  for (const auto& entry : *list) {
    if (entry.is_object()) stages.push_back({.name = textOf(entry, "name"), .steps = countOf(entry, "steps")});
    if (entry.is_string()) stages.push_back({.name = entry.get<std::string>()});
  }
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

void RunProgress::begin(const Event& event) {
  const std::vector<StageProgress> announced = announcedStages(event);
  // A resumed run says run_started again: what was done stays done while the schedule is the same.
  const bool same = std::equal(announced.begin(), announced.end(), stages.begin(), stages.end(),
                               [](const auto& a, const auto& b) { return a.name == b.name; });
  if (!announced.empty() && !same) {
    stages = announced;
    current = -1;
  }
  state = RunState::running;
  message.clear();
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

void RunProgress::countStep(const Event& event) {
  StageProgress& stage = stageOf(event);
  stage.started = true;
  stage.done = event.stage_step;
  if (stage.steps > 0) stage.steps = std::max(stage.steps, stage.done);
  step = event.step;
  if (state != RunState::paused) state = RunState::running;
  double seconds = event.time - m_lastStepTime;
  if (m_lastStepTime <= 0 || !(seconds > 0)) {
    const auto found = event.fields.find("seconds");
    seconds = found != event.fields.end() && found->is_number() ? found->get<double>() : 0;
  }
  m_lastStepTime = event.time;
  if (!(seconds > 0) || !std::isfinite(seconds)) return;
  m_recentSeconds.push_back(seconds);
  if (m_recentSeconds.size() > recent_steps) m_recentSeconds.pop_front();
}

void RunProgress::consume(const Event& event) {
  if (event.type == "run_started") {
    begin(event);
  } else if (event.type == "stage_started") {
    StageProgress& stage = stageOf(event);
    stage.started = true;
    stage.done = event.stage_step;
    if (const int64_t steps = countOf(event.fields, "steps")) stage.steps = steps;
    state = RunState::running;
    m_recentSeconds.clear();  // another stage has another speed
    m_lastStepTime = 0;
  } else if (event.type == "step") {
    countStep(event);
  } else if (event.type == "stage_finished") {
    StageProgress& stage = stageOf(event);
    stage.started = stage.finished = true;
    stage.done = std::max(stage.done, event.stage_step);
    stage.steps = stage.done;  // it may end early, by max_steps
  } else if (event.type == "paused") {
    state = RunState::paused;
  } else if (event.type == "resumed") {
    state = RunState::running;
    m_lastStepTime = 0;
  } else if (event.type == "run_finished") {
    state = textOf(event.fields, "status") == "stopped" ? RunState::stopped : RunState::finished;
  } else if (event.type == "failed") {
    state = RunState::failed;
    message = QString::fromStdString(textOf(event.fields, "message"));
    if (message.isEmpty()) message = QString::fromStdString(textOf(event.fields, "error"));
  }
}

std::optional<double> RunProgress::secondsPerStep() const {
  if (m_recentSeconds.empty()) return std::nullopt;
  // Without the slowest eighth: a probe's pause belongs in, a suspended laptop doesn't.
  std::vector<double> sorted(m_recentSeconds.begin(), m_recentSeconds.end());
  std::sort(sorted.begin(), sorted.end());
  const size_t kept = std::max<size_t>(1, sorted.size() - sorted.size() / 8);
  double sum = 0;
  for (size_t i = 0; i < kept; ++i) sum += sorted[i];
  return sum / double(kept);
}

std::optional<double> RunProgress::secondsLeft() const {
  const auto speed = secondsPerStep();
  if (!speed || !isActive(state)) return std::nullopt;
  int64_t left = 0;
  for (const auto& stage : stages) {
    if (stage.finished) continue;
    if (stage.steps <= 0) return std::nullopt;
    left += std::max<int64_t>(0, stage.steps - stage.done);
  }
  return *speed * double(left);
}

double RunProgress::fraction(std::size_t stage) const {
  if (stage >= stages.size()) return 0;
  if (stages[stage].finished) return 1;
  if (stages[stage].steps <= 0) return 0;
  return std::clamp(double(stages[stage].done) / double(stages[stage].steps), 0.0, 1.0);
}

QString timeLeftText(double seconds) {
  if (seconds < 60) return tr("under a minute left");
  const auto minutes = int64_t(std::ceil(std::min(seconds, 1e9) / 60));
  if (minutes < 60) return tr("%1 min left").arg(minutes);
  if (minutes < 48 * 60) return tr("%1 h %2 min left").arg(minutes / 60).arg(minutes % 60, 2, 10, QLatin1Char('0'));
  return tr("%1 days left").arg((minutes + 1439) / 1440);
}

}  // namespace llavakd
