// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/forward.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>

#include "core/models/forward.h"

namespace llavakd {
namespace {

// [tokens, width] of each sample -> [samples, longest, width].
at::Tensor pad_rows(const std::vector<at::Tensor>& rows) {
  if (rows.size() == 1) return rows.front().unsqueeze(0);
  int64_t longest = 0;
  for (const at::Tensor& some : rows) longest = std::max(longest, some.size(0));
  at::Tensor padded =
      at::zeros({static_cast<int64_t>(rows.size()), longest, rows.front().size(1)}, rows.front().options());
  for (size_t i = 0; i < rows.size(); ++i) padded[static_cast<int64_t>(i)].narrow(0, 0, rows[i].size(0)).copy_(rows[i]);
  return padded;
}

}  // namespace

bool Forward::Plan::has_features(const ImageRef& image) const {
  if (!student_features || !student_features->holds(image)) return false;
  return !teacher_features || teacher_features == student_features || teacher_features->holds(image);
}

std::vector<std::string> Forward::Plan::take_warnings() const {
  std::vector<std::string> all;
  const auto add = [&](const auto& store) {
    if (!store) return;
    for (std::string& warning : store->rows().take_warnings()) all.push_back(std::move(warning));
  };
  add(student_features);
  if (teacher_features != student_features) add(teacher_features);
  add(teacher_hidden);
  return all;
}

Forward::Forward(const MultimodalModel* teacher, const MultimodalModel& student, Plan plan)
    : teacher_(teacher),
      student_(student),
      plan_(std::move(plan)),
      teacher_cache_(plan_.keep_features, plan_.teacher_features, plan_.load_pixels),
      student_cache_(plan_.keep_features, plan_.student_features, plan_.load_pixels) {}

// WᵀW of a head that doesn't learn, computed when it is first needed.
void Forward::add_gram(ModelOutput& prediction, at::Tensor& gram) const {
  const at::Tensor& head = prediction.head_weight;
  // A head that is wider than a visual sequence is long isn't worth it.
  if (!teacher_ || !plan_.reads_head_gram || head.requires_grad() ||
      head.size(1) > 4 * teacher_->config().visual_tokens())
    return;
  const at::NoGradGuard no_grad;
  if (!gram.defined())
    gram = head_gram(head, std::min(teacher_->head_weight().size(0), student_.head_weight().size(0)));
  prediction.head_gram = gram;
}

Forward::Result Forward::operator()(const MicroBatch& batch, bool recompute, StepPhases& phases,
                                    const std::shared_ptr<RowGradients>& collect) {
  Result result;
  at::Tensor shared;
  if (teacher_) {
    const at::NoGradGuard no_grad;
    at::Tensor vision;
    result.teacher = run_teacher(batch, vision, phases);
    add_gram(*result.teacher, teacher_gram_);
    if (shares_tower()) shared = vision;
  }
  if (!shared.defined()) shared = features(student_, batch, student_cache_, plan_.tower_learns, phases);
  const PhaseTimer timer(phases.student);
  result.student = predict(student_, batch.sequences, shared, recompute, collect);
  add_gram(result.student, student_gram_);
  return result;
}

ModelOutput Forward::run_teacher(const MicroBatch& batch, at::Tensor& vision, StepPhases& phases) {
  const auto run_tower = [&] {
    if (!vision.defined())
      vision = features(*teacher_, batch, shares_tower() ? student_cache_ : teacher_cache_, false, phases);
  };
  if (!plan_.teacher_hidden) {
    run_tower();
    const PhaseTimer timer(phases.teacher);
    return predict(*teacher_, batch.sequences, vision);
  }
  std::vector<at::Tensor> hidden;
  int64_t image = 0;
  for (size_t i = 0; i < batch.sequences.size(); ++i) {
    const MicroBatch alone = part(batch, i, 1);
    const auto images = static_cast<int64_t>(alone.images.size());
    std::optional<at::Tensor> rows;
    {
      const PhaseTimer timer(phases.teacher);
      rows = plan_.teacher_hidden->read(batch.sequences[i], alone.images);
    }
    if (!rows) {
      run_tower();
      const PhaseTimer timer(phases.teacher);
      const at::Tensor of_sample = images > 0 ? vision.narrow(0, image, images) : at::Tensor();
      rows = predict(*teacher_, alone.sequences, of_sample).hidden[0];
      plan_.teacher_hidden->write(batch.sequences[i], alone.images, *rows);
    }
    hidden.push_back(*rows);
    image += images;
  }
  return {pad_rows(hidden), teacher_->head_weight(), {}, teacher_->head_bias()};
}

at::Tensor Forward::features(const MultimodalModel& model, const MicroBatch& batch, FeatureCache& cache, bool learns,
                             StepPhases& phases) const {
  const PhaseTimer timer(phases.vision);
  if (batch.images.empty()) return {};
  if (!learns && cache.keeps()) return cache.features(model, batch.images, batch.pixels);
  const at::AutoGradMode mode(learns);
  return model.vision_features(staged(at::stack(batch.pixels), model.head_weight().options()));
}

}  // namespace llavakd
