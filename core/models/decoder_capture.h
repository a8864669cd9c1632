// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <cstdint>
#include <optional>
#include <vector>

namespace llavakd {

/// What a forward pass of the decoder leaves of some positions of its first sample, for whoever looks inside: copies,
/// in the model's type and on its device. States and layers are counted as the states are: state 0 enters the decoder,
/// layer n makes state n of state n - 1, and the last state is behind the final norm (transformers' hidden_states).
struct DecoderCapture {
  int64_t begin = 0, end = 0;      ///< The positions [begin, end). To be set before the pass, which has no cache then.
  std::optional<int64_t> only;     ///< Keeps the state, queries and keys of this number alone; all without it.
  std::vector<at::Tensor> states;  ///< [end - begin, W] each, one more than layers; undefined where not kept.
  std::vector<at::Tensor>
      queries;                   ///< [heads, end - begin, head_dim] with rotary positions, of layer n at n; 0 has none.
  std::vector<at::Tensor> keys;  ///< [kv_heads, end, head_dim]: also of the positions before, which are attended to.

  bool keeps(int64_t number) const { return !only || *only == number; }
  int64_t layers() const { return static_cast<int64_t>(states.size()) - 1; }
};

/// Attention of layer `layer` (from 1) among the captured positions: softmax(q kᵀ / sqrt(head_dim)) over all positions
/// up to each one's own (with a window > 0 the last so many of them), of which the captured columns are returned: a row
/// sums to less than 1 where it also attends to positions before `begin`. Of one head, or the mean over all of them.
/// float32 [end - begin, end - begin], row = the position that attends.
at::Tensor captured_attention(const DecoderCapture& capture, int64_t layer, std::optional<int64_t> head,
                              int64_t window);

}  // namespace llavakd
