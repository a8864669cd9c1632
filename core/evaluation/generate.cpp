// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/generate.h"

#include <ATen/core/grad_mode.h>

#include "core/evaluation/forward.h"

namespace llavakd {
namespace {

int64_t most_likely(const MultimodalModel& model, const at::Tensor& hidden) {
  return model.logits(hidden.select(1, hidden.size(1) - 1)).argmax(-1).item<int64_t>();
}

}  // namespace

std::vector<int64_t> generate(const MultimodalModel& model, const std::vector<int64_t>& input_ids,
                              const at::Tensor& pixel_values, std::optional<int64_t> end_id, int64_t max_new_tokens,
                              const std::function<bool()>& keep_going) {
  const at::NoGradGuard no_grad;
  KeyValueCache cache;
  at::Tensor hidden = model.hidden_states(embed_samples(model, {input_ids}, pixel_values), {}, &cache);
  std::vector<int64_t> answer;
  while (static_cast<int64_t>(answer.size()) < max_new_tokens && (!keep_going || keep_going())) {
    const int64_t id = most_likely(model, hidden);
    if (id == end_id) break;
    answer.push_back(id);
    const at::Tensor next = ids_tensor(model, {{id}});
    hidden = model.hidden_states(model.embed(next, {}, {}), {}, &cache);
  }
  return answer;
}

}  // namespace llavakd
