// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "long_run.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/project/project_file.h"
#include "core/run/event_log.h"

namespace llavakd {
namespace {

namespace fs = std::filesystem;

// The first four are in the catalog, so the window has lines for them.
constexpr const char* term_names[] = {"ce", "mdist_response", "mdist_visual", "rdist", "hidden_states", "attention"};
constexpr const char* stage_names[] = {"DPT", "SFT", "DFT"};
constexpr double started = 1763978400, seconds_a_step = 0.8;
constexpr int64_t checkpoint_every = 5000;

/// A repeatable number in [0, 1) that looks like noise.
double noise(int64_t step, int salt) {
  const double value = std::sin(static_cast<double>(step) * 12.9898 + salt * 78.233) * 43758.5453;
  return value - std::floor(value);
}

Event step_event(int64_t step, int64_t steps_a_stage) {
  const int64_t stage = std::min<int64_t>((step - 1) / steps_a_stage, 2);
  StepEvent done{.total = 0, .tokens = 4000 + step % 512, .samples = 16};
  for (int i = 0; i < 6; ++i) {
    const double value = (0.3 + 3 * std::exp(-static_cast<double>(step) / 2e5)) * (1 + 0.3 * noise(step, i));
    const double weighted = value * (i == 3 ? 0.5 : 1.0);
    done.terms.emplace_back(term_names[i], value);
    done.weighted.emplace_back(term_names[i], weighted);
    done.total += weighted;
  }
  done.grad_norm = 0.5 + noise(step, 11);
  done.learning_rate = 1e-3 * (1 - static_cast<double>(step) / 4e6);
  done.seconds = seconds_a_step + 0.1 * noise(step, 12);
  done.waiting_seconds = 0.02 * noise(step, 13);
  done.phases = {{"vision", 0.06}, {"teacher", 0.18}, {"student", 0.11}, {"loss", 0.14}, {"backward", 0.19}};
  done.memory_bytes = 1'600'000'000 + step;
  return {.time = started + seconds_a_step * static_cast<double>(step),
          .stage = stage_names[stage],
          .stage_step = step - stage * steps_a_stage,
          .step = step,
          .body = std::move(done)};
}

int64_t steps_of_stage(int64_t steps) {
  return (steps + 2) / 3;
}

std::vector<PlannedStage> plan_of(int64_t steps_a_stage) {
  std::vector<PlannedStage> plan;
  for (const char* name : stage_names) plan.push_back({name, steps_a_stage});
  return plan;
}

void make_project(const fs::path& folder) {
  fs::create_directories(folder);
  Project project;
  project.name = "million";
  for (const char* name : stage_names) {
    StageOptions stage;
    stage.name = name;
    project.stages.push_back(stage);
  }
  save_project(project, long_run_project(folder));
}

void write_stopped(const fs::path& folder, const RunFolder& run, double when, const std::vector<PlannedStage>& plan) {
  RunInfo info;
  info.id = run.id();
  info.project_id = project_id_of(long_run_project(folder));
  info.status = "stopped";
  info.started = when;
  info.plan = plan;
  info.project_file = long_run_project(folder).string();
  write_run_info(run, info);
}

}  // namespace

fs::path long_run_project(const fs::path& folder) {
  return folder / "million.kdproj";
}

RunFolder long_run(const fs::path& folder) {
  return {folder / "runs" / "million"};
}

void make_long_run(const fs::path& folder, int64_t steps) {
  make_project(folder);
  const int64_t steps_a_stage = steps_of_stage(steps);
  const std::vector<PlannedStage> plan = plan_of(steps_a_stage);
  const RunFolder run = create_run(long_run_project(folder), "million");
  write_stopped(folder, run, started, plan);
  std::ofstream log(run.events(), std::ios::binary);
  log << to_line({.time = started, .body = RunStartedEvent{.run = run.id(), .stages = plan}}) << '\n';
  std::string stage;
  for (int64_t step = 1; step <= steps; ++step) {
    const Event event = step_event(step, steps_a_stage);
    if (event.stage != stage)
      log << to_line({.time = event.time,
                      .stage = event.stage,
                      .step = step - 1,
                      .body = StageStartedEvent{.steps = steps_a_stage}})
          << '\n';
    stage = event.stage;
    log << to_line(event) << '\n';
    if (step % checkpoint_every == 0)
      log << to_line({.time = event.time,
                      .stage = event.stage,
                      .stage_step = event.stage_step,
                      .step = step,
                      .body = CheckpointEvent{.path = fmt::format("checkpoints/{}-{}", stage, step)}})
          << '\n';
  }
}

void make_many_runs(const fs::path& folder, int count) {
  constexpr int64_t steps = 6;
  make_project(folder);
  for (int i = 0; i < count; ++i) {
    const RunFolder run = create_run(long_run_project(folder), fmt::format("run-{:04}", i));
    write_stopped(folder, run, started + 3600.0 * i, plan_of(steps_of_stage(steps)));
    EventLog log(run.events());
    log.append({.time = started + 3600.0 * i, .body = RunStartedEvent{.run = run.id(), .stages = plan_of(2)}});
    for (int64_t step = 1; step <= steps; ++step) log.append(step_event(step + i, steps_of_stage(steps)));
  }
}

void continue_long_run(const fs::path& folder, int64_t done, int64_t count) {
  const RunFolder run = long_run(folder);
  RunInfo info = read_run_info(run);
  info.status = "running";
  info.pid = getpid();
  write_run_info(run, info);
  EventLog events(run.events());
  for (int64_t step = done + 1; step <= done + count; ++step) {
    events.append(step_event(step, steps_of_stage(done)));
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  info.status = "stopped";
  info.pid.reset();
  write_run_info(run, info);
}

}  // namespace llavakd
