// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/run_models.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/base/errors.h"
#include "core/base/machine.h"
#include "core/io/mapped_file.h"
#include "core/project/stage_terms.h"
#include "core/training/autotune_kernels.h"
#include "core/training/run_context.h"
#include "core/training/stage.h"

namespace llavakd {
namespace {

void check_pair(RunContext& run) {
  refuse_unlike_pair(*run.models.teacher, *run.models.student);
  if (const auto warning = vocabulary_warning(*run.models.teacher, *run.models.student)) run.warn(*warning);
  run.models.shared_tower = same_tower(run.models.teacher->model, run.models.student->model);
}

}  // namespace

OpenOptions open_options(const Project& project) {
  return {.precision = precision_of(project.run.precision), .device = device_of(project.run.device)};
}

void refuse_unlike_pair(const LoadedModel& teacher, const LoadedModel& student) {
  refuse_mismatch(teacher, student);
  if (teacher.processor != student.processor)
    throw UserError(
        fmt::format("The teacher ({}) prepares pictures in another way than the student ({}): size, crop, mean "
                    "or std of their preprocessor_config.json differ. Both see the same pixels, so use towers "
                    "of one kind.",
                    teacher.folder.string(), student.folder.string()));
}

std::optional<std::string> vocabulary_warning(const LoadedModel& teacher, const LoadedModel& student) {
  const int64_t teacher_words = teacher.model.head_weight().size(0), words = student.model.head_weight().size(0);
  if (teacher_words == words) return std::nullopt;
  return fmt::format("The teacher has {} logits, the student {}: the first {} are compared.", teacher_words, words,
                     std::min(teacher_words, words));
}

void open_models(RunContext& run) {
  const OpenOptions how = open_options(run.project);
  if (!run.models.student) run.models.student.emplace(load_student(run.project, run.project_file, how));
  if (opens_teacher(run.project)) run.models.teacher.emplace(load_teacher(run.project, run.project_file, how));
  if (run.models.teacher) check_pair(run);
  refuse_changed_mappings();
  constexpr int64_t text_tokens = 96;
  const int64_t tokens =
      std::min(run.project.max_length, run.models.student->model.config().visual_tokens() + text_tokens);
  // A job that shares the machine with others is measured as if it had it alone, so that it computes what it would
  // then.
  const int64_t threads = run.project.run.threads > 0 ? run.project.run.threads : usable_cores();
  // A run that was killed before its first checkpoint computes as it had begun to, too.
  std::string kept = run.state.progress.kernels.empty() ? run.options.kernels : run.state.progress.kernels;
  if (kept.empty() && run.record) kept = run.record->kernels_before();
  const std::string was =
      std::exchange(run.state.progress.kernels,
                    autotune_kernels(kept, run.models.student->model, tokens, *run.communicator, threads));
  if (!was.empty() && was != run.state.progress.kernels)
    run.warn(
        fmt::format("The run was computed by ways that aren't known here ({}). It goes on by others, whose results may "
                    "differ in the last bits.",
                    was));
  if (run.record) run.record->note_kernels(run.state.progress.kernels);
}

}  // namespace llavakd
