// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

namespace llavakd {

/// How attention is computed on the CPU. `sdpa` is LibTorch's operation. `blocks` multiplies blocks of query rows with
/// the keys that are visible to them, as batched matrix products: the scores pass through memory once, what causality
/// hides is never multiplied, and keys of grouped queries are not repeated. `blocks_backward` runs forward as `sdpa`
/// and backward in blocks. Which one is fastest depends on the processor's units for half precision.
enum class AttentionBackend { sdpa, blocks, blocks_backward };

/// The calling thread's backend for a type; `sdpa` at first, and always for types and devices other than float32 and
/// bfloat16 on the CPU.
AttentionBackend attention_backend(at::ScalarType type);
void set_attention_backend(at::ScalarType type, AttentionBackend backend);

/// softmax(q kᵀ / sqrt(dim)) v. query [S, heads, T, dim], key and value [S, kv_heads, positions, dim] where `heads` is
/// a multiple of `kv_heads` and positions >= T -> [S, heads, T, dim]. With `causal` the queries are the last of the
/// positions, and each attends to the positions up to its own; with a window > 0 only to that many of them, its own
/// included. Differentiable.
at::Tensor attention(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value, bool causal,
                     int64_t window = 0);

/// attention() with the given backend for any type, for tests and measurements.
at::Tensor attention_with(AttentionBackend backend, const at::Tensor& query, const at::Tensor& key,
                          const at::Tensor& value, bool causal, int64_t window = 0);

}  // namespace llavakd
