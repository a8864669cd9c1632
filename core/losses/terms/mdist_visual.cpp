// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/losses/reference.h"

namespace llavakd {

/// L_vis, equation 4: the divergence of the two models' next-token distributions at the image tokens.
LossTerm mdist_visual_term() {
  return {.name = "mdist_visual", .per_row = RowLoss::divergence, .reference = reference_divergence};
}

}  // namespace llavakd
