// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

#include "core/base/byte_size.h"
#include "core/base/duration.h"
#include "core/base/machine.h"
#include "core/preflight/checks.h"
#include "core/preflight/stage_estimate.h"
#include "core/project/project_file.h"
#include "core/project/stage_terms.h"
#include "core/run/run_folder.h"

namespace llavakd {
namespace {

namespace fs = std::filesystem;
using Items = std::vector<PreflightItem>;

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

/// Weights, gradients and AdamW's state of both models: what any run needs at least.
double least_memory(const Project& project, const ModelFacts& student, const ModelFacts* teacher) {
  const auto bytes = static_cast<double>(bytes_of_weight(project));
  double memory = static_cast<double>(student.total_parameters) * (2 * bytes + 12);
  if (teacher) memory += static_cast<double>(teacher->total_parameters) * bytes;
  return memory;
}

/// What the run's checkpoints take: those of each stage, and one more, for the oldest goes when the newest is written.
double checkpoint_bytes(const CheckedProject& checked, const ModelFacts& student) {
  double sum = 0, largest = 0;
  for (const StageOptions& stage : scheduled_stages(checked.project)) {
    sum += stage_checkpoint_bytes(checked, student, stage);
    largest = std::max(largest, unfinished_checkpoint_bytes(checked, student, stage));
  }
  return sum + largest;
}

std::vector<PreflightFix> precision_fixes(const Project& project) {
  if (project.run.precision == "bf16") return {};
  return {set_fix("Use bf16", {"run.precision=bf16"})};
}

std::vector<PreflightFix> disk_fixes(const CheckedProject& checked) {
  std::vector<PreflightFix> fixes;
  if (checked.project.run.keep_checkpoints > 1)
    fixes.push_back(set_fix("Keep 1 checkpoint", {"run.keep_checkpoints=1"}));
  fixes.push_back(show_fix(existing(runs_folder(checked.file))));
  return fixes;
}

/// By the models' sizes alone, where the stages can't be looked into.
void check_least_memory(const CheckedProject& checked, const ModelFacts& student, Items& items) {
  const Project& project = checked.project;
  std::optional<ModelFacts> teacher;
  if (opens_teacher(project) && !project.teacher.checkpoint.empty()) teacher = teacher_facts(project, checked.file);
  if (teacher && !teacher->missing.empty()) return;
  const double memory = least_memory(project, student, teacher ? &*teacher : nullptr);
  const auto available = static_cast<double>(machine_memory().available_bytes);
  const bool enough = memory < available;
  items.push_back({"Memory", enough ? MatchLevel::green : MatchLevel::red,
                   fmt::format("models and optimizer take {} before activations, {} are available", size_text(memory),
                               size_text(available)),
                   enough ? "" : "Use precision bf16, a smaller student, or a machine with more memory.",
                   enough ? std::vector<PreflightFix>() : precision_fixes(project)});
}

/// What a smaller step would change.
std::vector<PreflightFix> memory_fixes(const CheckedProject& checked, const StageEstimate& estimate) {
  const Project& project = checked.project;
  std::vector<PreflightFix> fixes;
  const auto stage = std::ranges::find(checked.stages, estimate.stage, &StageOptions::name);
  const int64_t together = stage == checked.stages.end() ? 1 : std::min(stage->micro_batch_size, stage->batch_size);
  if (together > 1)
    fixes.push_back(set_fix(fmt::format("Lower micro_batch_size to {}", together / 2),
                            {fmt::format("{}={}", stage_key(project, *stage, "micro_batch_size"), together / 2)}));
  if (project.run.activation_checkpointing == "off")
    fixes.push_back(set_fix("Allow recomputing", {"run.activation_checkpointing=auto"}));
  for (PreflightFix& fix : precision_fixes(project)) fixes.push_back(std::move(fix));
  return fixes;
}

/// The stage that needs most. The engine goes on with smaller micro-batches where memory runs out, so that is red only
/// where what no micro-batch changes is too much.
void check_stage_memory(const CheckedProject& checked, const std::vector<StageEstimate>& estimates, Items& items) {
  const StageEstimate& most = *std::ranges::max_element(estimates, {}, &StageEstimate::memory_bytes);
  std::string finding = fmt::format("{} needs most, about {}{}", most.stage, size_text(most.memory_bytes),
                                    most.measured ? " as measured" : "");
  const auto available = static_cast<double>(machine_memory().available_bytes);
  if (checked.project.run.device == "cuda" || available <= 0) {
    items.push_back({"Memory", MatchLevel::green, std::move(finding), ""});
    return;
  }
  finding += fmt::format("; {} are available", size_text(available));
  if (most.memory_bytes < available) {
    items.push_back({"Memory", MatchLevel::green, std::move(finding), ""});
    return;
  }
  const StepMemory& step = most.step;
  const double fixed = most.program_bytes + step.student + step.teacher + step.gradients + step.optimizer;
  const bool possible = fixed < available;
  items.push_back({"Memory", possible ? MatchLevel::amber : MatchLevel::red, std::move(finding),
                   possible
                       ? "The run would have to go on with fewer samples at a time or recompute activations, which "
                         "takes longer."
                       : "Use precision bf16, a smaller student, or a machine with more memory.",
                   memory_fixes(checked, most)});
}

/// Only where it is known.
void check_time(const std::vector<StageEstimate>& estimates, Items& items) {
  double sum = 0;
  std::vector<std::string> each;
  for (const StageEstimate& estimate : estimates) {
    if (!estimate.seconds) return;
    sum += *estimate.seconds;
    each.push_back(fmt::format("{} {}", estimate.stage, duration_text(*estimate.seconds)));
  }
  items.push_back({"Time", MatchLevel::green,
                   fmt::format("about {} of training: {}", duration_text(sum), fmt::join(each, ", ")), ""});
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

void check_machine(const CheckedProject& checked, const ModelFacts& student,
                   const std::vector<StageEstimate>& estimates, Items& items) {
  std::error_code error;
  const double free = static_cast<double>(fs::space(existing(runs_folder(checked.file)), error).available);
  double caches = 0;
  for (const StageEstimate& estimate : estimates) caches = std::max(caches, estimate.cache_bytes);
  const double wanted = checkpoint_bytes(checked, student) + caches;
  const bool fits = error || wanted < free;
  items.push_back(
      {"Disk", fits ? MatchLevel::green : MatchLevel::amber,
       fmt::format("checkpoints {}take {}, {} are free", caches > 0 ? "and caches " : "", size_text(wanted),
                   size_text(free)),
       fits ? "" : "The run would pause before the disk is full. Free some space, or lower run.keep_checkpoints.",
       fits ? std::vector<PreflightFix>() : disk_fixes(checked)});
  if (estimates.empty()) return check_least_memory(checked, student, items);
  check_stage_memory(checked, estimates, items);
  check_time(estimates, items);
}

}  // namespace llavakd
