// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <optional>
#include <string>
#include <string_view>

#include "core/kernels/affine.h"
#include "core/kernels/attention.h"

namespace llavakd {

/// Which of the ways that compute the same a thread takes. They differ in the last bits, so a run that is to be
/// continued bit by bit keeps its choice, and runs side by side have each their own.
struct KernelChoice {
  AttentionRoute float32_attention = AttentionRoute::sdpa;
  AttentionRoute bfloat16_attention = AttentionRoute::sdpa;
  ProductRoute float32_products = ProductRoute::torch;
  ProductRoute bfloat16_products = ProductRoute::torch;
  bool operator==(const KernelChoice&) const = default;
};

/// Of the calling thread.
KernelChoice current_kernels();
void set_kernels(const KernelChoice& choice);

/// "attention float32=sdpa bfloat16=mixed, products float32=torch bfloat16=turned"; the way back throws UserError for
/// any other text.
std::string to_string(const KernelChoice& choice);
KernelChoice kernels_from_string(std::string_view text);

/// What is measured: sizes of a layer of the model that is to run.
struct KernelShapes {
  int64_t tokens = 512;
  int64_t heads = 14;
  int64_t key_value_heads = 2;
  int64_t head_dim = 64;
  int64_t hidden = 896;
  int64_t intermediate = 4864;
  std::optional<at::ScalarType> type;  ///< Of the model: the other type isn't measured then.
};

/// Times the ways against each other on these sizes, forward and back, with the threads that are set, and returns the
/// faster ones; some tenths of a second at the default sizes. More tokens than 512 (attention) or 256 (products) are
/// cut to that. Sets nothing. Ways within 5 % of each other are called equal, and the plain one is taken.
KernelChoice measure_kernels(const KernelShapes& shapes);

}  // namespace llavakd
