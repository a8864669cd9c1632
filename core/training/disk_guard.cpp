// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/disk_guard.h"

#include <fmt/format.h>

#include <chrono>
#include <string>
#include <thread>

#include "core/base/byte_size.h"
#include "core/run/disk_use.h"

namespace llavakd {
namespace {

bool has_room(const RunContext& run, int64_t bytes) {
  const int64_t left = bytes_left(run);
  return left < 0 || left >= bytes;
}

std::string pause_reason(const RunContext& run, int64_t bytes) {
  return fmt::format(
      "The disk of {} has {} left, and the next checkpoint needs {}: the run pauses, and goes on by itself once there "
      "is room. Free some space, or stop it.",
      run.folder.path.string(), size_text(bytes_left(run)), size_text(bytes));
}

/// Until there is room, or somebody resumes or stops the run.
void wait_paused(RunContext& run, int64_t bytes) {
  constexpr std::chrono::milliseconds between_looks(200);
  while (run.control.state() == RunControl::State::paused) {
    if (has_room(run, bytes))
      run.control.resume();
    else
      std::this_thread::sleep_for(between_looks);
  }
}

}  // namespace

int64_t bytes_left(const RunContext& run) {
  return run.options.bytes_left ? run.options.bytes_left(run.folder.path) : free_bytes(run.folder.path);
}

void wait_for_room(RunContext& run, int64_t bytes) {
  while (run.control.state() == RunControl::State::running && !has_room(run, bytes)) {
    run.control.pause();
    if (run.record) run.record->set_status("paused");
    run.emit(PausedEvent{.reason = pause_reason(run, bytes)});
    wait_paused(run, bytes);
    if (run.control.state() == RunControl::State::stopping) return;
    if (run.record) run.record->set_status("running");
    run.emit(UnpausedEvent{});
  }
}

}  // namespace llavakd
