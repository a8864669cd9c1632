// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/forward.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>

#include "core/evaluation/forward.h"

namespace llavakd {

Forward::Forward(const MultimodalModel* teacher, const MultimodalModel& student, Plan plan)
    : teacher_(teacher), student_(student), plan_(plan) {
  if (!teacher_ || !plan_.relates_logits) return;
  const at::NoGradGuard no_grad;
  const at::Tensor &head = teacher_->head_weight(), &student_head = student_.head_weight();
  // A head that is wider than a visual sequence is long isn't worth it.
  if (head.size(1) <= 4 * teacher_->config().visual_tokens())
    teacher_gram_ = head_gram(head, std::min(head.size(0), student_head.size(0)));
}

Forward::Result Forward::operator()(const MicroBatch& batch, StepPhases& phases) {
  Result result;
  at::Tensor shared;
  if (teacher_) {
    const at::NoGradGuard no_grad;
    const at::Tensor seen = features(*teacher_, batch, teacher_cache_, false, phases);
    if (plan_.same_tower && !plan_.tower_learns) shared = seen;
    const PhaseTimer timer(phases.teacher);
    result.teacher = predict(*teacher_, batch.input_ids, seen);
    result.teacher->head_gram = teacher_gram_;
  }
  if (!shared.defined()) shared = features(student_, batch, student_cache_, plan_.tower_learns, phases);
  const PhaseTimer timer(phases.student);
  result.student = predict(student_, batch.input_ids, shared);
  return result;
}

at::Tensor Forward::features(const MultimodalModel& model, const MicroBatch& batch, FeatureCache& cache, bool learns,
                             StepPhases& phases) const {
  const PhaseTimer timer(phases.vision);
  if (batch.pictures.empty()) return {};
  if (plan_.keep_features && !learns) return cache.features(model, batch.pictures, batch.pixels);
  const at::AutoGradMode mode(learns);
  return model.vision_features(at::stack(batch.pixels).to(model.head_weight().options()));
}

}  // namespace llavakd
