// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/stage_plan.h"

#include <algorithm>

#include "core/base/machine.h"
#include "core/data/sampler.h"
#include "core/project/project_file.h"
#include "core/project/stage_terms.h"
#include "core/training/stage.h"

namespace llavakd {
namespace {

void open_caches(Forward::Plan& plan, const RunContext& run, RunCaches& caches, bool with_teacher) {
  const std::string& named = run.project.run.cache_folder;
  const auto folder = resolve(run.project_file, named.empty() ? "cache" : named);
  const AspectRatio aspect = aspect_ratio_from_name(run.project.image.aspect_ratio);
  if (run.project.run.vision_cache == "on") {
    if (!plan.tower_learns)
      plan.student_features = std::make_shared<VisionFeatureStore>(
          folder, run.models.student->model, run.models.student->processor, aspect, caches.image_hashes);
    const bool shared = plan.same_tower && !plan.tower_learns;
    if (with_teacher)
      plan.teacher_features =
          shared ? plan.student_features
                 : std::make_shared<VisionFeatureStore>(folder, run.models.teacher->model,
                                                        run.models.teacher->processor, aspect, caches.image_hashes);
  }
  if (run.project.run.teacher_cache == "on" && with_teacher) {
    // The teacher never changes: its weights are hashed once a run.
    if (!caches.teacher_store)
      caches.teacher_store = std::make_shared<TeacherStore>(folder, run.models.teacher->model,
                                                            run.models.teacher->processor, aspect, caches.image_hashes);
    plan.teacher_hidden = caches.teacher_store;
  }
}

}  // namespace

StagePlan plan_stage(const RunContext& run, const StageOptions& stage, const std::vector<Term>& terms,
                     const Dataset& dataset, RunCaches& caches) {
  StagePlan made{.forward = {}, .limits = run.state.progress.limits};
  Forward::Plan& plan = made.forward;
  plan.tower_learns = trains(stage, "vision_tower");
  plan.same_tower = run.models.shared_tower;
  plan.keep_features = FeatureCache::fits(run.models.student->model, distinct_images(dataset));
  plan.may_recompute = run.project.run.activation_checkpointing != "off";
  made.limits.recompute =
      run.project.run.activation_checkpointing == "on" || (made.limits.recompute && plan.may_recompute);
  plan.reads_head_gram = read_head_gram(terms);
  plan.load_pixels = [&run](const ImageRef& image) {
    return load_pixels(*run.models.student, {image}, aspect_ratio_from_name(run.project.image.aspect_ratio))[0];
  };
  open_caches(plan, run, caches, distils(stage));
  return made;
}

StageDataOptions stage_data_options(RunContext& run) {
  const StageOptions& stage = run.stage();
  return {.stage = stage,
          .dataset = run.dataset_of(stage),
          .images_folder = images_folder(run.project_file, stage.data, stage.images),
          .conversation_template =
              stage.conversation_template.empty() ? run.project.conversation_template : stage.conversation_template,
          .aspect = aspect_ratio_from_name(run.project.image.aspect_ratio),
          .max_length = run.project.max_length,
          .seed = stage_seed(run.project.run.seed, run.state.progress.stage_index),
          .first_step = run.state.progress.stage_step,
          .workers = run.project.run.workers > 0 ? static_cast<int>(run.project.run.workers)
                                                 : static_cast<int>(std::clamp(usable_cores() / 2, 1, 4)),
          .has_features = {}};
}

}  // namespace llavakd
