// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/term_gradients.h"

#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "core/base/errors.h"
#include "core/base/machine.h"
#include "core/data/data_check.h"
#include "core/project/project_file.h"
#include "core/project/stage_terms.h"
#include "core/run/run_checkpoints.h"
#include "core/training/gradient_products.h"
#include "core/training/run_context.h"
#include "core/training/stage.h"
#include "core/training/stage_data.h"
#include "core/training/stage_plan.h"

namespace llavakd {
namespace {

/// Its place among the stages that run.
size_t place_of_stage(const std::vector<StageOptions>& stages, const std::string& name) {
  if (stages.empty()) throw UserError("The project has no stages, so no term learns anything.");
  if (name.empty() && stages.size() == 1) return 0;
  const auto found = std::ranges::find(stages, name, &StageOptions::name);
  if (found != stages.end()) return static_cast<size_t>(found - stages.begin());
  std::string names;
  for (const StageOptions& stage : stages) names += (names.empty() ? "" : ", ") + stage.name;
  throw UserError(
      name.empty()
          ? fmt::format("Say which stage is meant (--stage): {}.", names)
          : fmt::format("The project runs no stage “{}”; it runs {}. Choose one of them (--stage).", name, names));
}

/// The stage with all terms of the catalog, each with weight 1, in its order.
StageOptions with_all_terms(const StageOptions& stage, bool has_teacher, std::vector<std::string>& notes) {
  StageOptions all = stage;
  all.terms.clear();
  for (const TermInfo& info : term_catalog()) {
    const auto own = std::ranges::find(stage.terms, info.name, &TermOptions::term);
    TermOptions term = own == stage.terms.end() ? TermOptions{.term = std::string(info.name), .weight = 0} : *own;
    if (!is_on(term) && info.needs_teacher && !has_teacher) {
      notes.push_back(fmt::format("{} is left out: the project has no teacher.", info.label));
      continue;
    }
    term.weight = 1;
    all.terms.push_back(std::move(term));
  }
  return all;
}

/// The first samples of the stage, one in each micro-batch, which takes the least memory.
std::vector<MicroBatch> first_samples(RunContext& run, int64_t samples, std::vector<std::string>& notes) {
  StageDataOptions how = stage_data_options(run);
  for (const std::string& note : how.dataset->notes()) notes.push_back(note);
  if (!how.dataset->faults().empty())
    notes.push_back(fmt::format("{} of {} samples of the file can't be used: {}.", how.dataset->faults().size(),
                                how.dataset->entries(), first_faults(how.dataset->faults())));
  how.stage.micro_batch_size = 1;
  how.at_most = samples;
  StageData data(*run.models.student, std::move(how));
  std::vector<MicroBatch> all;
  for (;;) {
    StepBatch batch = data.next();
    if (batch.samples == 0 && batch.skipped.empty()) break;
    for (const std::string& skipped : batch.skipped) notes.push_back("Left out: " + skipped);
    for (const std::string& image : batch.truncated)
      notes.push_back(image + " is cut short and used as far as it goes.");
    std::ranges::move(batch.micro_batches, std::back_inserter(all));
  }
  if (all.empty())
    throw UserError(fmt::format("Stage {}: none of its first {} samples can be learnt from. {}", run.stage().name,
                                samples, notes.empty() ? "" : notes.back()));
  return all;
}

void load_models(RunContext& run, const std::filesystem::path& student, bool distils, std::vector<std::string>& notes) {
  const OpenOptions how = open_options(run.project);
  run.models.student.emplace(student.empty() ? load_student(run.project, run.project_file, how)
                                             : load_model(model_folder_of(student), how));
  if (!distils) return;
  run.models.teacher.emplace(load_teacher(run.project, run.project_file, how));
  refuse_unlike_pair(*run.models.teacher, *run.models.student);
  if (const auto warning = vocabulary_warning(*run.models.teacher, *run.models.student)) notes.push_back(*warning);
  run.models.shared_tower = same_tower(run.models.teacher->model, run.models.student->model);
}

/// Half of what is left of the memory, so that models and activations have room.
int64_t bytes_for_gradients() {
  const int64_t left = machine_memory().available_bytes;
  constexpr int64_t least = int64_t{1} << 28, most = int64_t{1} << 34;
  return left > 0 ? std::clamp(left / 2, least, most) : most / 4;
}

}  // namespace

TermGradients term_gradients(const Project& project, const std::filesystem::path& project_file,
                             const TermGradientsOptions& options) {
  RunControl control;
  RunContext run(project, project_file, RunFolder{}, EventSink(), control, TrainOptions{});
  run.state.progress.stage_index = place_of_stage(run.stages, options.stage);
  const StageOptions& stage = run.stage();
  TermGradients found{.stage = stage.name, .student = options.student.string()};
  found.seed = stage_seed(project.run.seed, run.state.progress.stage_index);
  const StageOptions all = with_all_terms(stage, !project.teacher.checkpoint.empty(), found.notes);
  const std::vector<Term> terms = terms_of(all);
  at::set_num_threads(static_cast<int>(project.run.threads > 0 ? project.run.threads : usable_cores()));
  load_models(run, options.student, distils(all), found.notes);
  const MultimodalModel student = make_trainable(run.models.student->model, stage);
  const std::vector<MicroBatch> batch = first_samples(run, options.samples, found.notes);
  const Forward::Plan plan{.tower_learns = trains(stage, "vision_tower"),
                           .same_tower = run.models.shared_tower,
                           .reads_head_gram = read_head_gram(terms)};
  BatchGradients gradients =
      gradient_products(run.models.teacher ? &run.models.teacher->model : nullptr, student, terms, batch, plan,
                        {.most_bytes = bytes_for_gradients(), .progress = options.progress});
  for (const MicroBatch& micro : batch)
    for (const Sequence& sequence : micro.sequences) found.samples.push_back(sequence.id);
  for (size_t t = 0; t < terms.size(); ++t) {
    const std::string name(terms[t].kind->name);
    const auto own = std::ranges::find(stage.terms, name, &TermOptions::term);
    found.terms.push_back({name, gradients.values[t], own == stage.terms.end() ? 0 : own->weight});
  }
  found.parts = std::move(gradients.parts);
  return found;
}

}  // namespace llavakd
