// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/losses/head_rows.h"

namespace llavakd {

// The two ways of head_rows. Both fill `values` [rows] and return the gradients of the total that are wanted.

struct HeadRowsInput {
  const at::Tensor &hidden, &head, &bias;
  const HeadRowsTask& task;
};

struct HeadRowsWanted {
  bool hidden = false, head = false, bias = false;
  bool any() const { return hidden || head || bias; }
};

struct HeadRowsGradients {
  at::Tensor hidden, head, bias;
};

/// LibTorch's operations, for every device and type.
HeadRowsGradients run_rows_plain(const HeadRowsInput& input, const HeadRowsWanted& wanted, int64_t chunk_rows,
                                 HeadRowsResult& values);

/// Whether the own loops can run these rows.
bool rows_suit_kernel(const HeadRowsInput& input);
/// The loops of core/kernels/logit_rows.h on the CPU. Gradients have the type of what they belong to.
HeadRowsGradients run_rows_by_kernel(const HeadRowsInput& input, const HeadRowsWanted& wanted, const HeadRowsWay& way,
                                     HeadRowsResult& values);

}  // namespace llavakd
