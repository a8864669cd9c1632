// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <filesystem>

#include "core/base/errors.h"
#include "core/io/json_file.h"
#include "core/model_spec/model_config.h"
#include "core/model_spec/parameter_shapes.h"
#include "tests/fuzz/hostile_input.h"

namespace llavakd::fuzz {

/// JSON (see fuzz_json.cpp); "num_hidden_layers": 1024, the most that is accepted, makes some twenty thousand names
/// with their shapes.
MemoryBound memory_bound(Input) {
  return {.block_times = 32, .total_times = 128, .plus = size_t{32} << 20};
}

/// config.json of a whole model, and the same text as that of a part.
void read_hostile(Input input) {
  const auto folder = scratch_file("config.json", input).parent_path();
  const auto json = read_json(folder / "config.json");
  try {
    const ModelConfig config = read_model_config(folder);
    parameter_shapes(config);
    write_model_config(config, "bfloat16").dump();
  } catch (const UserError&) {
  }
  try {
    language_parameter_shapes(read_language_config(json, "config.json"), "");
  } catch (const UserError&) {
  }
  vision_parameter_shapes(read_vision_config(json, "config.json"), "");
}

}  // namespace llavakd::fuzz
