// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/decoder_capture.h"

#include <ATen/ATen.h>

#include <cmath>

namespace llavakd {

at::Tensor captured_attention(const DecoderCapture& capture, int64_t layer, std::optional<int64_t> head,
                              int64_t window) {
  TORCH_CHECK(layer >= 1 && layer <= capture.layers() && capture.keeps(layer), "layer ", layer, " isn't captured");
  const at::Tensor &queries = capture.queries[static_cast<size_t>(layer)],
                   &keys = capture.keys[static_cast<size_t>(layer)];
  const int64_t heads = queries.size(0), group = heads / keys.size(0), rows = capture.end - capture.begin;
  TORCH_CHECK(!head || (*head >= 0 && *head < heads), "layer ", layer, " has ", heads, " heads");
  at::Tensor hidden = at::ones({rows, capture.end}, queries.options().dtype(at::kBool)).tril(capture.begin);
  if (window > 0) hidden = hidden.triu(capture.begin - window + 1);
  hidden = hidden.logical_not();
  const double scale = 1 / std::sqrt(static_cast<double>(queries.size(2)));
  at::Tensor sum = at::zeros({rows, rows}, queries.options().dtype(at::kFloat));
  for (int64_t h = head.value_or(0); h < (head ? *head + 1 : heads); ++h) {
    const at::Tensor scores = at::matmul(queries[h].to(at::kFloat), keys[h / group].to(at::kFloat).t()) * scale;
    sum += scores.masked_fill(hidden, -INFINITY).softmax(-1).narrow(1, capture.begin, rows);
  }
  return head ? sum : sum / static_cast<double>(heads);
}

}  // namespace llavakd
