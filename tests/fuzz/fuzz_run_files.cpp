// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/printable.h"
#include "core/run/event_log.h"
#include "core/run/run_folder.h"
#include "tests/fuzz/hostile_input.h"

namespace llavakd::fuzz {

/// JSON: see fuzz_json.cpp. An event of sixteen characters ("step") takes some 250 bytes, and a list of them grows by
/// doubling.
MemoryBound memory_bound(Input) {
  return {.block_times = 64, .total_times = 192};
}

/// events.jsonl and run.json of a run that another program, or another version, may have written.
void read_hostile(Input input) {
  scratch_files({"events.jsonl", "run.json"}, input);
  const RunFolder run{scratch_folder()};
  EventReader reader(run.events());
  for (const Event& event : reader.read()) {
    const auto again = parse_event(to_line(event));
    if (!again || to_line(*again) != to_line(event)) finding("an event changes when it is written and read");
  }
  for (const std::string& warning : reader.take_warnings())
    if (!is_utf8(warning)) finding("a warning that no window can show");
  event_lines_up_to(run.events(), 1);
  is_alive(read_run_info(run));
}

}  // namespace llavakd::fuzz
