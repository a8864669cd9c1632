// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <optional>
#include <string>
#include <string_view>

#include "core/kernels/attention.h"
#include "core/kernels/linear.h"

namespace llavakd {

/// A thread's backends. They compute the same up to rounding: a run that is to be continued with the same bits keeps
/// its backends, and runs in parallel threads each have their own.
struct KernelBackends {
  AttentionBackend float32_attention = AttentionBackend::sdpa;
  AttentionBackend bfloat16_attention = AttentionBackend::sdpa;
  MatmulBackend float32_matmul = MatmulBackend::torch;
  MatmulBackend bfloat16_matmul = MatmulBackend::torch;
  bool operator==(const KernelBackends&) const = default;
};

/// The calling thread's backends.
KernelBackends current_backends();
void set_backends(const KernelBackends& backends);

/// Text of state.json and run.json: "attention float32=sdpa bfloat16=mixed, products float32=torch bfloat16=turned",
/// where `mixed` is blocks_backward and `turned` is transposed. backends_from_string() throws UserError for other text.
std::string to_string(const KernelBackends& backends);
KernelBackends backends_from_string(std::string_view text);

/// What is measured: sizes of a layer of the model that is to run.
struct KernelShapes {
  int64_t tokens = 512;
  int64_t heads = 14;
  int64_t key_value_heads = 2;
  int64_t head_dim = 64;
  int64_t hidden = 896;
  int64_t intermediate = 4864;
  std::optional<at::ScalarType> type;  ///< The model's type: the other type isn't measured then.
};

/// Times the backends on these sizes, forward and backward, with the current number of threads, and returns the
/// fastest; takes some tenths of a second at the default sizes. Tokens are limited to 512 (attention) and 256
/// (products). Sets nothing. Differences below 5 % count as none, and LibTorch's choice is kept.
KernelBackends fastest_backends(const KernelShapes& shapes);

}  // namespace llavakd
