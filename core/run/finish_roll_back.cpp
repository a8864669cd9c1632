// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/finish_roll_back.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <system_error>
#include <utility>
#include <vector>

#include "core/base/errors.h"
#include "core/base/printable.h"
#include "core/io/atomic_file.h"
#include "core/run/checkpoint_state.h"
#include "core/run/event_log.h"
#include "core/run/run_checkpoints.h"
#include "core/run/run_notes.h"

namespace llavakd {
namespace {

namespace fs = std::filesystem;

/// The step at the end of "SFT-40" and "SFT-40.json"; -1 where there is none.
int64_t step_in_name(const fs::path& path) {
  const std::string name = path.stem().string(), number = name.substr(name.rfind('-') + 1);
  constexpr size_t most_digits = 15;
  const bool is_number =
      !number.empty() && number.size() <= most_digits && number.find_first_not_of("0123456789") == std::string::npos;
  return is_number ? std::stoll(number) : -1;
}

/// Probes are folders, scores files; what else is there is somebody's.
void remove_later(const fs::path& folder, fs::file_type kind, int64_t step) {
  std::error_code error;
  std::vector<fs::path> later;
  for (const auto& entry : fs::directory_iterator(folder, error))
    if (entry.symlink_status(error).type() == kind && step_in_name(entry.path()) > step) later.push_back(entry.path());
  for (const fs::path& path : later) fs::remove_all(path, error);
}

/// The pins went with their checkpoints: another one of that name is nobody's choice.
void remove_later_pins(const RunFolder& run, int64_t step) {
  RunNotes notes;
  try {
    notes = read_run_notes(run);
  } catch (const UserError&) {
    return;  // it is a person's to mend
  }
  if (std::erase_if(notes.pinned, [&](const std::string& name) { return step_in_name(name) > step; }) > 0)
    write_run_notes(run, notes);
}

void note_roll_back(const RunFolder& run, const TrainProgress& at, const RollBackRecord& record) {
  RunInfo info = read_run_info(run);
  info.status = "stopped";
  info.pid.reset();
  info.control_socket.clear();
  info.log_mark.clear();
  const auto stage = static_cast<int64_t>(at.stage_index);
  std::erase_if(info.stages,
                [&](const StageRecord& each) { return each.stage_index > stage || each.from_step > at.step; });
  std::erase_if(info.gates, [&](const GateRecord& each) { return each.step > at.step; });
  info.roll_backs.push_back(record);
  info.going_back.reset();
  write_run_info(run, info);
}

/// Where the run was at the checkpoint of this name, if that can be gone on from.
std::optional<TrainProgress> progress_at(const RunFolder& run, const std::string& name) {
  for (const fs::path& each : list_training_checkpoints(run.checkpoints()))
    if (each.filename() == name) try {
        return read_checkpoint_state(each).progress;
      } catch (const UserError&) {
        return std::nullopt;
      }
  return std::nullopt;
}

RunFolder kept_run(const RunFolder& run, const RolledBackEvent& what) {
  return {fs::absolute(run.path).lexically_normal().parent_path() / what.kept_as};
}

/// Whether `latest` has been written already: then the run is back, wherever what it left may be by now.
bool is_there_already(const RunFolder& run, const std::string& name) {
  const auto newest = latest_training_checkpoint(run.checkpoints());
  return newest && newest->filename() == name;
}

}  // namespace

std::optional<SettledRollBack> settle_roll_back(const RunFolder& run) {
  RunInfo info;
  try {
    info = read_run_info(run);
  } catch (const UserError&) {
    return std::nullopt;  // whoever goes on with it says so
  }
  if (!info.going_back) return std::nullopt;
  const RollBackRecord record = *info.going_back;
  const RolledBackEvent& what = record.what;
  const auto at = progress_at(run, what.to);
  const bool is_kept =
      is_run_id(what.kept_as) && what.kept_as != run.id() && keeps_what_was_left(kept_run(run, what), what);
  if (at && (is_kept || is_there_already(run, what.to))) {
    go_back_to(run, *at, record);
    return SettledRollBack{.done = true, .what = what};
  }
  std::error_code ignored;
  if (is_run_id(what.kept_as)) fs::remove_all(kept_run(run, what).path.concat(".partial"), ignored);
  forget_roll_back(run);
  return SettledRollBack{.done = false, .what = what};
}

std::string to_text(const SettledRollBack& settled) {
  const std::string to = printable(settled.what.to, 60);
  return settled.done ? fmt::format(
                            "The run was going back to {} when that was cut short; it is back now, and what "
                            "came later is the run {}.",
                            to, printable(settled.what.kept_as, 60))
                      : fmt::format(
                            "The run was going back to {} when that was cut short. It hasn't gone back; do "
                            "so again where that is still wanted.",
                            to);
}

bool keeps_what_was_left(const RunFolder& kept, const RolledBackEvent& what) try {
  return std::ranges::any_of(read_run_info(kept).roll_backs, [&](const RollBackRecord& each) {
    return each.what.kept_as == what.kept_as && each.what.from == what.from && each.what.to == what.to;
  });
} catch (const UserError&) {
  return false;
}

void go_back_to(const RunFolder& run, const TrainProgress& at, const RollBackRecord& record) {
  write_file_atomically(run.checkpoints() / "latest", record.what.to + "\n");
  std::error_code ignored;
  fs::remove(run.path / "verified.json", ignored);  // of another history
  cut_log(run.events(), at.step, log_mark_from_text(at.log));
  remove_what_was_left(run, at.step, std::numeric_limits<double>::infinity());
  remove_later_pins(run, at.step);
  note_roll_back(run, at, record);
}

void forget_roll_back(const RunFolder& run) {
  RunInfo info = read_run_info(run);
  info.going_back.reset();
  write_run_info(run, info);
}

void remove_what_was_left(const RunFolder& run, int64_t step, double time) {
  for (const RunCheckpoint& each : run_checkpoints(run))
    if (each.step > step && each.written <= time) remove_checkpoint(each.folder);
  remove_later(run.probes(), fs::file_type::directory, step);
  remove_later(run.evaluations(), fs::file_type::regular, step);
}

}  // namespace llavakd
