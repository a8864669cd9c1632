// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/data_check.h"
#include "core/data/dataset.h"
#include "tests/fuzz/hostile_input.h"

namespace llavakd::fuzz {

/// A turn takes 24 bytes in the file and about 100 here, before vectors double; each entry may become a fault with a
/// sentence.
MemoryBound memory_bound(Input) {
  return {.block_times = 64, .total_times = 192};
}

void read_hostile(Input input) {
  const auto path = scratch_file("samples.json", input);
  check_data(path, {.images_folder = scratch_folder() / "images"});
  const auto dataset = open_dataset_to_check(path);
  for (const DataFault& fault : dataset->faults()) fault.message();
  for (int64_t i = 0; i < dataset->size(); ++i) {
    const auto sample = dataset->sample(i);
    if (sample_fault(*sample)) finding("a sample is usable and faulty");
    conversation_fault(sample->conversation());
    dataset->length(i);
  }
}

}  // namespace llavakd::fuzz
