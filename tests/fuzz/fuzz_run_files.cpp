// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/printable.h"
#include "core/run/compared_log.h"
#include "core/run/event_log.h"
#include "core/run/run_difference.h"
#include "core/run/run_overview.h"
#include "tests/fuzz/hostile_input.h"

namespace llavakd::fuzz {

/// JSON: see fuzz_json.cpp. An event of sixteen characters ("step") takes some 250 bytes, and a list of them grows by
/// doubling. An option of a few characters becomes a row with its path, up to 300 bytes.
MemoryBound memory_bound(Input) {
  return {.block_times = 64, .total_times = 512};
}

/// events.jsonl, run.json and notes.json of a run that another program, or another version, may have written.
void read_hostile(Input input) {
  scratch_files({"events.jsonl", "run.json", "notes.json"}, input);
  const RunFolder run{scratch_folder()};
  EventReader reader(run.events());
  for (const Event& event : reader.read()) {
    const auto again = parse_event(to_line(event));
    if (!again || to_line(*again) != to_line(event)) finding("an event changes when it is written and read");
  }
  for (const std::string& warning : reader.take_warnings())
    if (!is_utf8(warning)) finding("a warning that no window can show");
  event_lines_up_to(run.events(), 1);
  for (const std::string& fault : compare_log(run.events(), LogMark{.lines = 1}).faults)
    if (!is_utf8(fault)) finding("a fault that no window can show");
  ListedRun listed{.folder = run};
  listed.info = read_run_info(run);
  is_alive(listed.info);
  const std::vector<OptionRow> rows = run_difference({listed.info});
  for (const OptionRow& row : rows)
    if (row.runs.size() != 1 || row.differs) finding("a run that differs from itself");
  if (run_overview(std::move(listed)).planned_steps < 0) finding("less than no steps");
  if (const RunNotes notes = read_run_notes(run); !is_utf8(notes.text)) finding("notes that no window can show");
}

}  // namespace llavakd::fuzz
