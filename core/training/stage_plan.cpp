// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// What of a stage's work is done but once.
#include "core/project/project_file.h"
#include "core/project/stage_terms.h"
#include "core/training/stage.h"
#include "core/training/training_run.h"

namespace llavakd {

Forward::Plan TrainingRun::plan_for(const StageOptions& stage, const std::vector<Term>& terms, const Dataset& dataset) {
  Forward::Plan plan{.tower_learns = trains(stage, "vision_tower"), .same_tower = shared_tower};
  plan.keep_features = FeatureCache::fits(student->model, distinct_images(dataset));
  plan.may_recompute = project.run.activation_checkpointing != "off";
  position.limits.recompute =
      project.run.activation_checkpointing == "on" || (position.limits.recompute && plan.may_recompute);
  plan.reads_head_gram = read_head_gram(terms);
  plan.load_pixels = [this](const ImageRef& image) {
    return load_pixels(*student, {image}, aspect_ratio_from_name(project.image.aspect_ratio))[0];
  };
  open_caches(plan, distils(stage));
  return plan;
}

void TrainingRun::open_caches(Forward::Plan& plan, bool with_teacher) {
  const std::string& named = project.run.cache_folder;
  const auto folder = resolve(project_file, named.empty() ? "cache" : named);
  const AspectRatio aspect = aspect_ratio_from_name(project.image.aspect_ratio);
  if (project.run.vision_cache == "on") {
    if (!plan.tower_learns)
      plan.student_pictures =
          std::make_shared<PictureStore>(folder, student->model, student->processor, aspect, picture_hashes_);
    const bool shared = plan.same_tower && !plan.tower_learns;
    if (with_teacher)
      plan.teacher_pictures =
          shared ? plan.student_pictures
                 : std::make_shared<PictureStore>(folder, teacher->model, teacher->processor, aspect, picture_hashes_);
  }
  if (project.run.teacher_cache == "on" && with_teacher) {
    // The teacher never changes: its weights are hashed once a run.
    if (!teacher_store_)
      teacher_store_ =
          std::make_shared<TeacherStore>(folder, teacher->model, teacher->processor, aspect, picture_hashes_);
    plan.teacher_hidden = teacher_store_;
  }
}

}  // namespace llavakd
