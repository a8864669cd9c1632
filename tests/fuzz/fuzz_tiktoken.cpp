// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/tokenizer.h"
#include "tests/fuzz/hostile_input.h"
#include "tests/fuzz/tokenizer_exercise.h"

namespace llavakd::fuzz {

/// JSON (see fuzz_json.cpp), the vocabulary in several maps, PCRE2's code and the word cache.
MemoryBound memory_bound(Input) {
  return {.block_times = 64, .total_times = 512, .plus = size_t{2} << 20};
}

/// A tiktoken file: a token a line.
void read_hostile(Input input) {
  scratch_files({"qwen.tiktoken", "tokenizer_config.json"}, input);
  exercise(Tokenizer::load(scratch_folder()));
}

}  // namespace llavakd::fuzz
