// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/json_file.h"
#include "tests/fuzz/hostile_input.h"

namespace llavakd::fuzz {

/// "1," of a list takes two bytes in the text and a value of 16 here, in a vector that doubles and is copied meanwhile;
/// a key of an object six ("\"a\":1,") and about 150.
MemoryBound memory_bound(Input) {
  return {.block_times = 32, .total_times = 96};
}

void read_hostile(Input input) {
  const auto json = parse_json(text_of(input), "file.json");
  if (parse_json(json.dump(), "file.json").dump() != json.dump()) finding("JSON changes when it is written and read");
}

}  // namespace llavakd::fuzz
