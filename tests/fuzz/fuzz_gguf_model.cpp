// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <string>

#include "core/base/errors.h"
#include "core/model_spec/gguf_config.h"
#include "core/model_spec/gguf_model.h"
#include "core/model_spec/load_tokenizer.h"
#include "tests/fuzz/hostile_input.h"
#include "tests/fuzz/stored_tensor_check.h"

namespace llavakd::fuzz {

/// A text of the vocabulary takes 8 bytes in the file and is in several maps here.
MemoryBound memory_bound(Input) {
  return {.block_times = 32, .total_times = 256, .plus = size_t{1} << 20};
}

/// What else a GGUF file of a language model becomes: a configuration, names, and a tokenizer.
void read_hostile(Input input) {
  const auto path = scratch_file("model.gguf", input);
  try {
    const GgufFile file = GgufFile::open(path);
    const auto config = gguf_config(file);
    config.dump();
    check_inside(gguf_tensors(file, config));
  } catch (const UserError&) {
  }
  const Tokenizer tokenizer = load_tokenizer(path);
  tokenizer.decode(tokenizer.encode("Hello  world\n<s>12345 \u00e9\u4e2d\U0001F600"));
}

}  // namespace llavakd::fuzz
