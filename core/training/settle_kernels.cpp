// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/settle_kernels.h"

#include <ATen/Parallel.h>

#include "core/base/errors.h"
#include "core/kernels/choice.h"

namespace llavakd {
namespace {

constexpr int64_t small_width = 512;

/// While it lives, LibTorch computes with this many threads; 0 leaves them as they are.
class ThreadCount {
 public:
  explicit ThreadCount(int64_t threads) : before_(at::get_num_threads()) {
    if (threads > 0) at::set_num_threads(static_cast<int>(threads));
  }
  ThreadCount(const ThreadCount&) = delete;
  ThreadCount& operator=(const ThreadCount&) = delete;
  ~ThreadCount() { at::set_num_threads(before_); }

 private:
  int before_;
};

KernelChoice choice_for(const MultimodalModel& student, int64_t tokens, int64_t threads) {
  const LanguageConfig& language = student.config().language;
  if (!student.head_weight().is_cpu() || language.hidden_size < small_width) return {};
  const ThreadCount count(threads);
  return measure_kernels({.tokens = tokens,
                          .heads = language.num_attention_heads,
                          .key_value_heads = language.num_key_value_heads,
                          .head_dim = language.head_dim,
                          .hidden = language.hidden_size,
                          .intermediate = language.intermediate_size,
                          .type = student.head_weight().scalar_type()});
}

}  // namespace

std::string settle_kernels(const std::string& kept, const MultimodalModel& student, int64_t tokens, int64_t threads) {
  KernelChoice choice;
  try {
    choice = kept.empty() ? choice_for(student, tokens, threads) : kernels_from_string(kept);
  } catch (const UserError&) {
    choice = choice_for(student, tokens, threads);
  }
  set_kernels(choice);
  return to_string(choice);
}

}  // namespace llavakd
