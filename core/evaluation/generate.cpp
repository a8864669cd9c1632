// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/generate.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>

#include "core/io/mapped_file.h"
#include "core/models/forward.h"

namespace llavakd {
namespace {

constexpr int64_t part_of_prompt = 1024;

int64_t most_likely(const MultimodalModel& model, const at::Tensor& hidden) {
  return model.logits(hidden.select(1, hidden.size(1) - 1)).argmax(-1).item<int64_t>();
}

}  // namespace

std::vector<int64_t> generate(const MultimodalModel& model, const Sequence& prompt, const at::Tensor& pixel_values,
                              const std::vector<int64_t>& end_ids, int64_t max_new_tokens,
                              const std::function<bool()>& keep_going, const std::function<bool()>& prompt_wanted,
                              const std::function<void()>& chosen) {
  const at::NoGradGuard no_grad;
  const at::Tensor embeddings = embed_samples(model, {prompt}, pixel_values);
  return generate_from(model, embeddings, end_ids, max_new_tokens, keep_going, prompt_wanted, chosen);
}

std::vector<int64_t> generate_from(const MultimodalModel& model, const at::Tensor& embeddings,
                                   const std::vector<int64_t>& end_ids, int64_t max_new_tokens,
                                   const std::function<bool()>& keep_going, const std::function<bool()>& prompt_wanted,
                                   const std::function<void()>& chosen) {
  const at::NoGradGuard no_grad;
  KeyValueCache cache;
  at::Tensor hidden;
  for (int64_t begin = 0; begin < embeddings.size(1); begin += part_of_prompt) {
    if (prompt_wanted && !prompt_wanted()) return {};
    const int64_t tokens = std::min(part_of_prompt, embeddings.size(1) - begin);
    hidden = model.hidden_states(embeddings.narrow(1, begin, tokens), {}, &cache);
  }
  std::vector<int64_t> answer;
  while (static_cast<int64_t>(answer.size()) < max_new_tokens && (!keep_going || keep_going())) {
    const int64_t id = most_likely(model, hidden);
    if (std::ranges::find(end_ids, id) != end_ids.end()) break;
    answer.push_back(id);
    if (chosen) chosen();
    const at::Tensor next = at::full({1, 1}, id, at::TensorOptions(at::kLong).device(model.head_weight().device()));
    hidden = model.hidden_states(model.embed(next, {}, {}), {}, &cache);
  }
  refuse_changed_mappings();
  return answer;
}

}  // namespace llavakd
