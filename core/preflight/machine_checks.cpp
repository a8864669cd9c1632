// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

#include "core/base/machine.h"
#include "core/preflight/checks.h"
#include "core/project/project_file.h"
#include "core/project/stage_terms.h"
#include "core/run/run_folder.h"

namespace llavakd {
namespace {

namespace fs = std::filesystem;
using Items = std::vector<PreflightItem>;

constexpr double gib = 1024.0 * 1024 * 1024;

/// The folder, or the nearest above it that is there.
fs::path existing(fs::path folder) {
  std::error_code error;
  while (!fs::exists(fs::symlink_status(folder, error)) && folder.has_parent_path() && folder != folder.parent_path())
    folder = folder.parent_path();
  return folder;
}

/// Why nothing can be written into a folder that may have to be made first, or nothing.
std::optional<std::string> folder_fault(const fs::path& wanted) {
  const fs::path folder = existing(wanted);
  std::error_code error;
  if (!fs::is_directory(folder, error)) return fmt::format("{} is no folder", folder.string());
  if (access(folder.c_str(), W_OK | X_OK) != 0)
    return fmt::format("{} can't be written: {}", folder.string(), std::strerror(errno));
  return std::nullopt;
}

double bytes_of_weight(const Project& project) {
  return project.run.precision == "bf16" ? 2 : 4;
}

/// Weights, gradients and AdamW's state of both models: what any run needs at least.
double least_memory(const Project& project, const ModelFacts& student, const ModelFacts* teacher) {
  const double bytes = bytes_of_weight(project);
  double memory = static_cast<double>(student.total_parameters) * (2 * bytes + 12);
  if (teacher) memory += static_cast<double>(teacher->total_parameters) * bytes;
  return memory;
}

/// Checkpoints that the stage keeps besides its last one.
int64_t checkpoints_within(const CheckedProject& checked, const StageOptions& stage) {
  const RunOptions& run = checked.project.run;
  const int64_t every = run.checkpoint_every, steps = steps_of(checked, stage);
  if (every <= 0 || steps == 0) return 0;
  const int64_t regular = run.keep_checkpoints_every > 0 ? steps / run.keep_checkpoints_every : 0;
  return std::min(run.keep_checkpoints + run.keep_best_checkpoints + regular, (steps - 1) / every);
}

/// What the run's checkpoints take: within a stage the weights with AdamW's three numbers of each that learns, at its
/// end the weights alone; and one more, for the oldest goes when the newest is written.
double checkpoint_bytes(const CheckedProject& checked, const ModelFacts& student) {
  const double weights = static_cast<double>(student.total_parameters) * bytes_of_weight(checked.project);
  double sum = 0, largest = weights;
  for (const StageOptions& stage : scheduled_stages(checked.project)) {
    double trained = 0;
    for (const auto& [part, count] : student.parameters)
      if (std::ranges::count(stage.train, part) > 0) trained += static_cast<double>(count);
    const double within = weights + 12 * trained;
    const auto kept = static_cast<double>(checkpoints_within(checked, stage));
    sum += kept * within + weights;
    if (kept > 0) largest = std::max(largest, within);
  }
  return sum + largest;
}

std::vector<PreflightFix> disk_fixes(const CheckedProject& checked) {
  std::vector<PreflightFix> fixes;
  if (checked.project.run.keep_checkpoints > 1)
    fixes.push_back(set_fix("Keep 1 checkpoint", {"run.keep_checkpoints=1"}));
  fixes.push_back(show_fix(existing(runs_folder(checked.file))));
  return fixes;
}

}  // namespace

void check_places(const CheckedProject& checked, const DeviceFault& device_fault, Items& items) {
  const RunOptions& run = checked.project.run;
  if (const auto fault = device_fault ? device_fault(run.device) : std::nullopt)
    items.push_back({"Device",
                     MatchLevel::red,
                     *fault,
                     "Set run.device to cpu or auto, or use a CUDA build of LibTorch (LLAVAKD_TORCH).",
                     {set_fix("Set to auto", {"run.device=auto"})}});
  else if (device_fault)
    items.push_back({"Device", MatchLevel::green, run.device, ""});
  if (const auto fault = folder_fault(runs_folder(checked.file)))
    items.push_back({"Runs",
                     MatchLevel::red,
                     *fault + ", but runs are written there",
                     "Move it away, or copy the project to a folder that you may write to.",
                     {show_fix(fs::absolute(checked.file).parent_path())}});
  if (run.vision_cache != "on" && run.teacher_cache != "on") return;
  if (const auto fault = folder_fault(resolve(checked.file, run.cache_folder.empty() ? "cache" : run.cache_folder)))
    items.push_back({"Cache",
                     MatchLevel::red,
                     *fault + ", but run.vision_cache or run.teacher_cache is on",
                     "Choose another run.cache_folder, or switch the caches off.",
                     {choose_fix("Choose another folder…", "run.cache_folder"),
                      set_fix("Switch the caches off", {"run.vision_cache=off", "run.teacher_cache=off"})}});
}

void check_machine(const CheckedProject& checked, const ModelFacts& student, Items& items) {
  const Project& project = checked.project;
  std::error_code error;
  const double free = static_cast<double>(fs::space(existing(runs_folder(checked.file)), error).available);
  const double wanted = checkpoint_bytes(checked, student);
  const bool fits = error || wanted < free;
  items.push_back({"Disk", fits ? MatchLevel::green : MatchLevel::red,
                   fmt::format("checkpoints take {:.2f} GiB, {:.1f} GiB are free", wanted / gib, free / gib),
                   fits ? "" : "Free some space, or lower run.keep_checkpoints.",
                   fits ? std::vector<PreflightFix>() : disk_fixes(checked)});
  std::optional<ModelFacts> teacher;
  if (opens_teacher(project) && !project.teacher.checkpoint.empty())
    teacher = read_model_facts(resolve(checked.file, project.teacher.checkpoint));
  if (teacher && !teacher->missing.empty()) return;
  const double memory = least_memory(project, student, teacher ? &*teacher : nullptr);
  const auto available = static_cast<double>(machine_memory().available_bytes);
  const bool enough = memory < available;
  items.push_back({"Memory", enough ? MatchLevel::green : MatchLevel::red,
                   fmt::format("models and optimizer take {:.2f} GiB before activations, {:.1f} GiB are available",
                               memory / gib, available / gib),
                   enough ? "" : "Use precision bf16, a smaller student, or a machine with more memory.",
                   enough || project.run.precision == "bf16"
                       ? std::vector<PreflightFix>()
                       : std::vector{set_fix("Use bf16", {"run.precision=bf16"})}});
}

}  // namespace llavakd
