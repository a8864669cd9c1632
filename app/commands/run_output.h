// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>
#include <optional>
#include <string>

#include "app/command_line.h"
#include "core/project/options.h"
#include "core/run/events.h"
#include "core/run/run_folder.h"
#include "core/run/step_profile.h"

namespace llavakd {

/// Shows a run's events: as JSON lines, or for people with a progress line that tells the time left.
class RunOutput {
 public:
  RunOutput(const Project& project, bool json);
  void show(const Event& event);
  void finish(const RunFolder& run, const std::filesystem::path& checkpoint);

 private:
  void show_step(const Event& event, const StepEvent& step);
  void show_stage_end(const Event& event);
  void show_gate(const Event& event, const GateEvent& gate);

  bool json_;
  ProgressLine progress_;
  StepProfile profile_;
  int64_t stage_steps_ = 0;
  double seconds_per_step_ = 0;
  std::optional<NamedNumbers> first_terms_;  ///< Of the stage.
  NamedNumbers last_terms_;
};

}  // namespace llavakd
