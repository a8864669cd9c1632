// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/conversation_file.h"
#include "core/data/conversation_reader.h"
#include "core/data/data_check.h"
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
  const SampleSet set = read_sample_entries(path);
  for (const DataFault& fault : set.faults) fault.sentence();
  for (const Sample& sample : set.samples) {
    if (sample_fault(sample)) finding("a sample is usable and faulty");
    conversation_fault(sample.conversation());
  }
  sample_lengths(set.samples);
}

}  // namespace llavakd::fuzz
