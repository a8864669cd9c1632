// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

namespace llavakd {

/// Who computes attention on the CPU. `sdpa` is LibTorch's operation. `blocks` multiplies blocks of query rows with the
/// keys that they see, as batched matrix products: the scores pass through memory once, what causality hides is never
/// multiplied, and keys of grouped queries are not repeated. `mixed` goes forward as `sdpa` and back in blocks. Which
/// one is fastest depends on the processor's units for half precision.
enum class AttentionRoute { sdpa, blocks, mixed };

/// The calling thread's route for a type; `sdpa` at first, and always for types and devices other than float32 and
/// bfloat16 on the CPU.
AttentionRoute attention_route(at::ScalarType type);
void set_attention_route(at::ScalarType type, AttentionRoute route);

/// softmax(q kᵀ / sqrt(dim)) v. query [batch, heads, tokens, dim], key and value [batch, groups, positions, dim] where
/// `heads` is a multiple of `groups` and positions >= tokens -> [batch, heads, tokens, dim]. With `causal` the queries
/// are the last of the positions and each sees those up to itself; with a window > 0 only so many of them, itself
/// included. Differentiable.
at::Tensor attention(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value, bool causal,
                     int64_t window = 0);

/// The same by a route of any type, for tests and measurements.
at::Tensor attention_by(AttentionRoute route, const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                        bool causal, int64_t window = 0);

}  // namespace llavakd
