// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/losses/reference.h"

namespace llavakd {

/// L_reg, equation 2: cross-entropy of the labels. The one term without a teacher.
LossTerm ce_term() {
  return {.name = "ce", .per_row = RowLoss::cross_entropy, .reference = reference_cross_entropy};
}

}  // namespace llavakd
