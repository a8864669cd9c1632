// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <string>

#include "core/project/project_file.h"
#include "tests/fuzz/hostile_input.h"

namespace llavakd::fuzz {

/// JSON: see fuzz_json.cpp. A stage, "{}", takes two bytes in the file and about 400 here.
MemoryBound memory_bound(Input) {
  return {.block_times = 512, .total_times = 1024, .plus = size_t{256} << 10};
}

void read_hostile(Input input) {
  const auto file = scratch_file("hostile.kdproj", input);
  const Project project = load_project(file);
  const std::string text = project_text(project);
  save_project(project, file);
  if (project_text(load_project(file)) != text) finding("a project changes when it is saved and loaded");
  for (const StageOptions& stage : scheduled_stages(project)) stage_steps(stage, 1000);
  resolve(file, project.teacher.checkpoint);
}

}  // namespace llavakd::fuzz
