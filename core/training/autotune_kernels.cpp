// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/autotune_kernels.h"

#include <ATen/Parallel.h>

#include "core/base/errors.h"
#include "core/kernels/kernel_backends.h"

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

KernelBackends backends_for(const MultimodalModel& student, int64_t tokens, int64_t threads) {
  const LanguageConfig& language = student.config().language;
  if (!student.head_weight().is_cpu() || language.hidden_size < small_width) return {};
  const ThreadCount count(threads);
  return fastest_backends({.tokens = tokens,
                           .heads = language.num_attention_heads,
                           .key_value_heads = language.num_key_value_heads,
                           .head_dim = language.head_dim,
                           .hidden = language.hidden_size,
                           .intermediate = language.intermediate_size,
                           .type = student.head_weight().scalar_type()});
}

}  // namespace

std::string autotune_kernels(const std::string& kept, const MultimodalModel& student, int64_t tokens,
                             Communicator& communicator, int64_t threads) {
  const auto choose = [&]() -> KernelBackends {
    if (!kept.empty()) try {
        return backends_from_string(kept);
      } catch (const UserError&) {
        // Another version's choice: measured as if there were none.
      }
    return backends_for(student, tokens, threads);
  };
  // The others wait here while the leader measures.
  const std::string chosen = communicator.broadcast(communicator.is_leader() ? to_string(choose()) : std::string());
  set_backends(backends_from_string(chosen));
  return chosen;
}

}  // namespace llavakd
