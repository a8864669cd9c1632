// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/losses/cross_entropy.h"

#include <ATen/ATen.h>

namespace llavakd {

at::Tensor cross_entropy_rows(const at::Tensor& logits, const at::Tensor& labels) {
  return -at::log_softmax(logits, -1).gather(-1, labels.unsqueeze(-1)).squeeze(-1);
}

}  // namespace llavakd
