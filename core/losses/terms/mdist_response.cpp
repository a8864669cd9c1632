// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/losses/reference.h"

namespace llavakd {

/// L_res, equation 3: the divergence of the two models' next-token distributions where a labelled token follows.
LossTerm mdist_response_term() {
  return {.name = "mdist_response", .per_row = RowLoss::divergence, .reference = reference_divergence};
}

}  // namespace llavakd
