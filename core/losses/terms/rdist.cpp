// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <ATen/core/grad_mode.h>

#include "core/losses/compute_type.h"
#include "core/losses/reference.h"
#include "core/losses/relation.h"

namespace llavakd {
namespace {

RelationMethod relation_method(const ImageOutputs& outputs, int64_t vocabulary, const Term& term) {
  return term.on_hidden ? RelationMethod::hidden : cheaper_relation(outputs.hidden, outputs.model, vocabulary);
}

at::Tensor relations_by(RelationMethod method, const ImageOutputs& outputs, int64_t vocabulary) {
  return method == RelationMethod::hidden ? relation_matrix(to_compute_type(outputs.hidden))
                                          : relation_of_logits(method, outputs.hidden, outputs.model, vocabulary);
}

/// L_rel, equations 5 and 6: 1 - cos of the two models' relation matrices, for each image.
ImageLoss relation_loss(const ImageOutputs& student, const ImageOutputs* teacher, int64_t vocabulary,
                        const Term& term) {
  const at::Tensor of_teacher = [&] {
    const at::NoGradGuard no_grad;
    return relations_by(relation_method(*teacher, vocabulary, term), *teacher, vocabulary);
  }();
  const RelationMethod method = relation_method(student, vocabulary, term);
  return {relation_distance(relations_by(method, student, vocabulary), of_teacher), method};
}

}  // namespace

LossTerm rdist_term() {
  return {.name = "rdist",
          .per_image = relation_loss,
          .reads_head_gram = [](const Term& term) { return !term.on_hidden; },
          .reference = reference_relation};
}

}  // namespace llavakd
