// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>

#include "core/run/event_columns.h"
#include "core/run/run_reader.h"
#include "tests/fuzz/hostile_input.h"

namespace llavakd::fuzz {

/// Events as in fuzz_run_files.cpp; and a name that first comes late has gaps for all steps before it.
MemoryBound memory_bound(Input) {
  return {.block_times = 64, .total_times = 384};
}

/// A log and its index, both of which another program may have written. The checksum comes last in an index, so that
/// all of it has been read by then; what the log says is written as an index and read again.
void read_hostile(Input input) {
  scratch_files({"events.jsonl", "events.columns"}, input);
  const std::filesystem::path log = scratch_folder() / "events.jsonl";
  read_columns(log);
  RunReader reader(log);
  reader.glance();
  while (reader.read_some()) {
  }
  const StepHistory& steps = reader.steps();
  ReadLog read;
  read.steps = steps;
  read.events = reader.take_events();
  if (write_columns(log, read)) {
    const auto again = read_columns(log);
    if (!again || again->steps.size() != steps.size()) finding("an index changes when it is written and read");
  }
  for (const StepAxis axis : {StepAxis::step, StepAxis::stage, StepAxis::samples, StepAxis::tokens, StepAxis::hours}) {
    steps.position(axis, 3);
    steps.step_at(axis, 3);
    for (size_t row = 0; row < steps.size(); row += 1 + steps.size() / 64) steps.x(axis, row);
  }
  for (size_t key = 0; key < steps.keys().size(); ++key) {
    const NumberRange range = steps.range(key, 0, steps.size());
    if (range.count > 0 && !(range.least <= range.most)) finding("a range without order");
    steps.least_positive(key, 0, steps.size());
  }
}

}  // namespace llavakd::fuzz
