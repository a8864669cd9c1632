// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <ATen/core/grad_mode.h>

#include "core/losses/head_rows.h"
#include "core/losses/reference.h"
#include "core/losses/relation.h"

namespace llavakd {
namespace {

RelationWay relation_way(const ImageOutputs& outputs, int64_t vocabulary, const Term& term) {
  return term.on_hidden ? RelationWay::hidden : cheaper_relation(outputs.hidden, outputs.model, vocabulary);
}

at::Tensor relations_by(RelationWay way, const ImageOutputs& outputs, int64_t vocabulary) {
  return way == RelationWay::hidden ? relation_matrix(widened(outputs.hidden))
                                    : relation_of_logits(way, outputs.hidden, outputs.model, vocabulary);
}

/// L_rel, equations 5 and 6: 1 - cos of the two models' relation matrices, for each image.
ImageLoss relation_loss(const ImageOutputs& student, const ImageOutputs* teacher, int64_t vocabulary,
                        const Term& term) {
  const at::Tensor of_teacher = [&] {
    const at::NoGradGuard no_grad;
    return relations_by(relation_way(*teacher, vocabulary, term), *teacher, vocabulary);
  }();
  const RelationWay way = relation_way(student, vocabulary, term);
  return {relation_distance(relations_by(way, student, vocabulary), of_teacher), way};
}

}  // namespace

LossTerm rdist_term() {
  return {.name = "rdist",
          .per_image = relation_loss,
          .reads_head_gram = [](const Term& term) { return !term.on_hidden; },
          .reference = reference_relation};
}

}  // namespace llavakd
