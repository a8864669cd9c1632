// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/losses/fused_lm_head.h"

namespace llavakd {

// The two backends of fused_lm_head_loss. Both fill `values` [rows] and return the gradients of the total that are
// wanted.

struct FusedInput {
  const at::Tensor &hidden, &head, &bias;
  const FusedTask& task;
};

struct WantedGradients {
  bool hidden = false, head = false, bias = false;
  bool any() const { return hidden || head || bias; }
};

struct FusedGradients {
  at::Tensor hidden, head, bias;
};

/// LibTorch's operations, for every device and type.
FusedGradients fused_rows_plain(const FusedInput& input, const WantedGradients& wanted, int64_t chunk_rows,
                                FusedResult& values);

/// Whether the own loops can run these rows.
bool kernel_can_run(const FusedInput& input);
/// The loops of core/kernels/logit_rows.h on the CPU. Gradients have the type of what they belong to.
FusedGradients fused_rows_by_kernel(const FusedInput& input, const WantedGradients& wanted, const FusedOptions& options,
                                    FusedResult& values);

}  // namespace llavakd
