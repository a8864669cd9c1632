// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <ATen/core/grad_mode.h>

#include "core/losses/reference.h"
#include "core/losses/relation.h"

namespace llavakd {
namespace {

/// L_rel, equations 5 and 6: 1 - cos of the two models' relation matrices, for each image.
ImageLoss relation_loss(const ImageOutputs& student, const ImageOutputs* teacher, int64_t vocabulary,
                        const Term& term) {
  const auto relations = [&](const ImageOutputs& outputs, RelationMethod method) {
    return compared_relations(method, outputs.hidden, outputs.model, vocabulary);
  };
  const auto method_of = [&](const ImageOutputs& outputs) {
    return relation_method(term.on_hidden, outputs.hidden, outputs.model, vocabulary);
  };
  const at::Tensor of_teacher = [&] {
    const at::NoGradGuard no_grad;
    return relations(*teacher, method_of(*teacher));
  }();
  const RelationMethod method = method_of(student);
  return {relation_distance(relations(student, method), of_teacher), method};
}

}  // namespace

LossTerm rdist_term() {
  return {.name = "rdist",
          .per_image = relation_loss,
          .reads_head_gram = [](const Term& term) { return !term.on_hidden; },
          .reference = reference_relation};
}

}  // namespace llavakd
