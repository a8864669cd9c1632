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

}  // namespace

std::vector<int64_t> generate(const MultimodalModel& model, const Sequence& prompt, const at::Tensor& pixel_values,
                              const std::vector<int64_t>& end_ids, int64_t max_new_tokens, const Generation& how) {
  const at::NoGradGuard no_grad;
  const at::Tensor embeddings = embed_samples(model, {prompt}, pixel_values);
  return generate_from(model, embeddings, end_ids, max_new_tokens, how);
}

std::vector<int64_t> generate_from(const MultimodalModel& model, const at::Tensor& embeddings,
                                   const std::vector<int64_t>& end_ids, int64_t max_new_tokens, const Generation& how) {
  const at::NoGradGuard no_grad;
  TokenSampler sampler(how.sampling);
  KeyValueCache cache;
  at::Tensor hidden;
  for (int64_t begin = 0; begin < embeddings.size(1); begin += part_of_prompt) {
    if (how.prompt_wanted && !how.prompt_wanted()) return {};
    const int64_t tokens = std::min(part_of_prompt, embeddings.size(1) - begin);
    hidden = model.hidden_states(embeddings.narrow(1, begin, tokens), {}, &cache);
  }
  std::vector<int64_t> answer;
  while (static_cast<int64_t>(answer.size()) < max_new_tokens && (!how.keep_going || how.keep_going())) {
    const int64_t id = sampler.next(model.logits(hidden.select(1, hidden.size(1) - 1)));
    if (std::ranges::find(end_ids, id) != end_ids.end()) break;
    answer.push_back(id);
    if (how.chosen) how.chosen(id);
    const at::Tensor next = at::full({1, 1}, id, at::TensorOptions(at::kLong).device(model.head_weight().device()));
    hidden = model.hidden_states(model.embed(next, {}, {}), {}, &cache);
  }
  refuse_changed_mappings();
  return answer;
}

}  // namespace llavakd
