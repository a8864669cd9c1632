// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/processor.h"
#include "tests/fuzz/hostile_input.h"

namespace llavakd::fuzz {

/// JSON (see fuzz_json.cpp), and a small picture made ready. A side of the result is 16384 at most.
MemoryBound memory_bound(Input) {
  return {.block_times = 32, .total_times = 96, .plus = size_t{64} << 20};
}

void read_hostile(Input input) {
  constexpr int64_t most_pixels = 1 << 20;  // larger results only take time
  const ImageProcessor processor = read_processor(scratch_file("preprocessor_config.json", input));
  if (static_cast<int64_t>(processor.width) * processor.height > most_pixels) return;
  if (static_cast<int64_t>(processor.resized_width) * processor.resized_height > most_pixels) return;
  if (static_cast<int64_t>(processor.shortest_edge) * processor.shortest_edge > most_pixels) return;
  pixel_values(Image(3, 2), processor, AspectRatio::pad);
  pixel_values(Image(3, 2), processor, AspectRatio::square);
}

}  // namespace llavakd::fuzz
