// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/train/run_progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace llavakd {
namespace {

// Long enough to even out a checkpoint's pause, short enough to notice that the machine got slower.
constexpr size_t recent_steps = 32;

int64_t count_of(const nlohmann::ordered_json& fields, const char* key) {
  const auto found = fields.find(key);
  if (found == fields.end() || !found->is_number()) return 0;
  const double value = found->get<double>();
  return value > 0 && value < 1e15 ? static_cast<int64_t>(value) : 0;
}

std::string text_of(const nlohmann::ordered_json& fields, const char* key) {
  const auto found = fields.find(key);
  return found != fields.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

double StageProgress::fraction() const {
  if (finished) return 1;
  return total > 0 ? std::clamp(static_cast<double>(done) / static_cast<double>(total), 0.0, 1.0) : 0;
}

void RunProgress::plan(const std::vector<StageProgress>& stages) {
  if (!spoken_) stages_ = stages;
}

void RunProgress::clear() {
  *this = RunProgress();
}

void RunProgress::add(const Event& event) {
  if (event.type == "run_started") {
    std::vector<StageProgress> stages;
    if (const auto list = event.fields.find("stages"); list != event.fields.end() && list->is_array())
      for (const auto& entry : *list) {
        if (entry.is_object()) stages.push_back({.name = text_of(entry, "name"), .total = count_of(entry, "steps")});
        if (entry.is_string()) stages.push_back({.name = entry.get<std::string>()});
      }
    // A resumed run writes run_started again; what was done before stays done when the schedule is the same.
    const auto same = [](const StageProgress& a, const StageProgress& b) {
      return a.name == b.name;
    };
    const bool continues =
        spoken_ && (stages.empty() || std::equal(stages.begin(), stages.end(), stages_.begin(), stages_.end(), same));
    if (!continues) {
      if (!stages.empty()) stages_ = stages;
      for (auto& stage : stages_) stage.done = 0, stage.started = stage.finished = false;
      current_ = -1;
    }
    spoken_ = true;
    phase_ = RunPhase::running;
    failure_.clear();
    last_step_time_ = 0;
  } else if (event.type == "stage_started") {
    start_stage(event);
  } else if (event.type == "step") {
    step(event);
  } else if (event.type == "stage_finished") {
    if (auto* stage = stage_of(event)) {
      stage->finished = true;
      stage->done = std::max(stage->done, event.stage_step);
      stage->total = stage->done;  // a stage may end early, by max_steps or because its data ran out
    }
  } else if (event.type == "paused") {
    phase_ = RunPhase::paused;
  } else if (event.type == "resumed") {
    phase_ = RunPhase::running;
    last_step_time_ = 0;
  } else if (event.type == "run_finished") {
    const std::string status = text_of(event.fields, "status");
    const auto flag = event.fields.find("stopped");
    const bool stopped = status == "stopped" || (flag != event.fields.end() && flag->is_boolean() && flag->get<bool>());
    phase_ = stopped ? RunPhase::stopped : RunPhase::finished;
  } else if (event.type == "failed") {
    phase_ = RunPhase::failed;
    failure_ = text_of(event.fields, "message");
    if (failure_.empty()) failure_ = text_of(event.fields, "error");
  }
}

void RunProgress::start_stage(const Event& event) {
  spoken_ = true;
  phase_ = RunPhase::running;
  auto next = std::find_if(stages_.begin(), stages_.end(),
                           [&](const StageProgress& s) { return s.name == event.stage && !s.finished; });
  if (next == stages_.end()) next = stages_.insert(stages_.end(), StageProgress{.name = event.stage});
  next->started = true;
  next->done = event.stage_step;
  for (const char* key : {"steps", "total_steps", "stage_steps"})
    if (const int64_t steps = count_of(event.fields, key)) {
      next->total = steps;
      break;
    }
  current_ = static_cast<int>(next - stages_.begin());
  recent_seconds_.clear();  // another stage has another speed
  last_step_time_ = 0;
}

StageProgress* RunProgress::stage_of(const Event& event) {
  const auto matches = [&](const StageProgress& s) {
    return s.name == event.stage;
  };
  if (current_ >= 0 && matches(stages_[current_])) return &stages_[current_];
  const auto found = std::find_if(stages_.begin(), stages_.end(), matches);
  return found == stages_.end() ? nullptr : &*found;
}

void RunProgress::step(const Event& event) {
  auto* stage = stage_of(event);
  if (!stage) {  // the file's first lines are missing
    start_stage(event);
    stage = &stages_[current_];
  }
  spoken_ = true;
  if (phase_ != RunPhase::paused) phase_ = RunPhase::running;
  current_ = static_cast<int>(stage - stages_.data());
  stage->started = true;
  stage->finished = false;
  stage->done = event.stage_step;
  if (stage->total > 0) stage->total = std::max(stage->total, stage->done);

  // From one event to the next, so that probes and checkpoints between the steps count too.
  double seconds = event.time - last_step_time_;
  if (last_step_time_ <= 0 || !(seconds > 0)) {
    const auto found = event.fields.find("seconds");
    seconds = found != event.fields.end() && found->is_number() ? found->get<double>() : 0;
  }
  last_step_time_ = event.time;
  if (!(seconds > 0) || !std::isfinite(seconds)) return;
  recent_seconds_.push_back(seconds);
  if (recent_seconds_.size() > recent_steps) recent_seconds_.pop_front();
}

int64_t RunProgress::steps_done() const {
  int64_t sum = 0;
  for (const auto& stage : stages_) sum += stage.done;
  return sum;
}

int64_t RunProgress::steps_total() const {
  int64_t sum = 0;
  for (const auto& stage : stages_) {
    if (stage.total <= 0) return 0;
    sum += stage.total;
  }
  return sum;
}

double RunProgress::fraction() const {
  if (stages_.empty()) return 0;
  if (const int64_t total = steps_total())
    return std::clamp(static_cast<double>(steps_done()) / static_cast<double>(total), 0.0, 1.0);
  double sum = 0;
  for (const auto& stage : stages_) sum += stage.fraction();
  return sum / static_cast<double>(stages_.size());
}

std::optional<double> RunProgress::seconds_per_step() const {
  if (recent_seconds_.empty()) return std::nullopt;
  // The mean without the slowest eighth: a probe's pause belongs in, a suspended laptop doesn't.
  std::vector<double> sorted(recent_seconds_.begin(), recent_seconds_.end());
  std::sort(sorted.begin(), sorted.end());
  const size_t kept = std::max<size_t>(1, sorted.size() - sorted.size() / 8);
  double sum = 0;
  for (size_t i = 0; i < kept; ++i) sum += sorted[i];
  return sum / static_cast<double>(kept);
}

std::optional<double> RunProgress::stage_seconds_left() const {
  const auto speed = seconds_per_step();
  if (!speed || current_ < 0 || stages_[current_].total <= 0) return std::nullopt;
  return *speed * static_cast<double>(std::max<int64_t>(0, stages_[current_].total - stages_[current_].done));
}

std::optional<double> RunProgress::seconds_left() const {
  if (phase_ != RunPhase::running && phase_ != RunPhase::paused) return std::nullopt;
  const auto speed = seconds_per_step();
  const int64_t total = steps_total();
  if (!speed || total <= 0) return std::nullopt;
  return *speed * static_cast<double>(std::max<int64_t>(0, total - steps_done()));
}

std::string duration_text(double seconds) {
  if (!(seconds >= 0) || !std::isfinite(seconds)) return "–";
  const auto whole = static_cast<int64_t>(std::llround(std::min(seconds, 1e12)));
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  const int64_t minutes = (whole + 30) / 60;
  if (minutes < 60) return fmt::format("{} min", minutes);
  if (minutes < 24 * 60) return fmt::format("{} h {:02} min", minutes / 60, minutes % 60);
  return fmt::format("{} d {} h", minutes / (24 * 60), minutes / 60 % 24);
}

}  // namespace llavakd
