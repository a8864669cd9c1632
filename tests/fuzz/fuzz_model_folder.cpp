// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <string>

#include "core/model_spec/foreign_config.h"
#include "core/model_spec/matching.h"
#include "core/model_spec/model_facts.h"
#include "core/model_spec/model_tensors.h"
#include "tests/fuzz/hostile_input.h"
#include "tests/fuzz/stored_tensor_check.h"

namespace llavakd::fuzz {
namespace {

/// A tensor [2, 2] of float32, called "w".
const std::string weights = std::string("\x40\0\0\0\0\0\0\0", 8) +
                            R"({"w":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}       )" +
                            std::string(16, '\0');

}  // namespace

/// As fuzz_model_config.cpp; each name may stand in a sentence about what is missing.
MemoryBound memory_bound(Input) {
  return {.block_times = 64, .total_times = 256, .plus = size_t{64} << 20};
}

/// All that is asked of a folder before it is opened. What is wrong inside becomes faults, not exceptions.
void read_hostile(Input input) {
  scratch_files({"config.json", "tower/config.json", "adapter_config.json", "model.safetensors.index.json",
                 "tokenizer.json", "tokenizer_config.json"},
                input);
  const Input bytes(reinterpret_cast<const uint8_t*>(weights.data()), weights.size());
  scratch_file("a.safetensors", bytes);
  scratch_file("adapter_model.safetensors", bytes);
  const ModelFacts facts = read_model_facts(scratch_folder());
  to_json(facts).dump();
  to_json(compare_models(facts, facts)).dump();
  const ModelTensors tensors = open_model_tensors(scratch_folder());
  for (const auto& [name, tensor] : tensors.tensors) check_inside({tensor});
}

}  // namespace llavakd::fuzz
