// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include "core/kernels/layer_rows.h"

namespace llavakd {

// The loops of layer_rows as operations with a derivative, one node of the graph each. The caller asks `suits_rows` for
// every tensor first and takes plain ATen operations otherwise.

/// Whether the loops take it: contiguous float32 or bfloat16 on the CPU.
bool suits_rows(const at::Tensor& x);

/// x [..., width], weight [width], of one type; saves x and one number a row.
at::Tensor fused_rms_norm(const at::Tensor& x, const at::Tensor& weight, double eps);

/// x [batch, tokens, heads, dim], cos and sin float32 [tokens, dim / 2]. A rotation's derivative is the rotation back,
/// so no activation is saved.
at::Tensor fused_rotate(const at::Tensor& x, const at::Tensor& cos, const at::Tensor& sin);

/// gate(x) · up, of one type and shape; saves the two and computes the gate again on the way back.
at::Tensor fused_gated(Gate gate, const at::Tensor& x, const at::Tensor& up);

/// gate(x); saves x.
at::Tensor fused_gate(Gate gate, const at::Tensor& x);

/// The same numbers in place, without a derivative.
void gate_in_place(Gate gate, const at::Tensor& x);

}  // namespace llavakd
