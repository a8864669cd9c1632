// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/roll_back_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <utility>
#include <vector>

#include "core/base/errors.h"
#include "core/base/name_list.h"
#include "core/io/atomic_file.h"
#include "core/io/linked_folder.h"
#include "core/run/branch_run.h"
#include "core/run/checkpoint_state.h"
#include "core/run/checkpoint_sums.h"
#include "core/run/event_log.h"
#include "core/run/events.h"
#include "core/run/run_lock.h"
#include "core/run/run_notes.h"

namespace llavakd {
namespace {

namespace fs = std::filesystem;

const RunCheckpoint& newest_of(const std::vector<RunCheckpoint>& checkpoints, const RunFolder& run) {
  const auto newest = std::ranges::find(checkpoints, true, &RunCheckpoint::newest);
  if (newest == checkpoints.end())
    throw UserError(fmt::format("The run {} has no checkpoint, so there is nothing to go back to.", run.id()));
  return *newest;
}

/// The newest that `fits`, or null.
template <class Fits>
const RunCheckpoint* last_that(const std::vector<RunCheckpoint>& checkpoints, Fits fits) {
  const RunCheckpoint* found = nullptr;
  for (const RunCheckpoint& each : checkpoints)
    if (fits(each)) found = &each;
  return found;
}

/// Why there is no such checkpoint to go back to.
UserError no_target(const RunFolder& run, const std::vector<RunCheckpoint>& checkpoints, const RunCheckpoint& newest,
                    const std::string& to) {
  if (to.empty() && newest.stage_index == 0)
    return UserError(fmt::format("{} is the first stage of the run {}: there is none to go back to. Start a new run.",
                                 newest.stage, run.id()));
  std::vector<std::string> names;
  for (const RunCheckpoint& each : checkpoints)
    if (each.step < newest.step) names.push_back(each.name);
  const std::string wanted = to.empty() ? "the end of the stage before " + newest.stage : to;
  return UserError(fmt::format("The run {} has no checkpoint of {} to go back to from {}; {}.", run.id(), wanted,
                               newest.name,
                               names.empty() ? "there is no earlier one" : "there are " + name_list(names)));
}

/// A name for the run that keeps what is left: "ID-SFT-40", or of date and time where that can't be one.
std::string kept_id(const RunFolder& run, const std::string& checkpoint) {
  const fs::path runs = fs::absolute(run.path).lexically_normal().parent_path();
  const std::string base = fmt::format("{}-{}", run.id(), checkpoint);
  std::string id = base;
  std::error_code error;
  for (int i = 2; fs::exists(runs / id, error); ++i) id = fmt::format("{}-{}", base, i);
  return is_run_id(id) ? id : new_run_id(runs);
}

/// What the branch lacks of what is left: it has the newest whole checkpoint, the probes, and the log up to there.
void keep_rest(const RunFolder& run, const RunFolder& kept, const std::vector<RunCheckpoint>& left) {
  std::error_code error;
  for (const auto& [source, copy] :
       {std::pair(run.events(), kept.events()), std::pair(sums_file(run.events()), sums_file(kept.events()))})
    if (fs::is_regular_file(source, error)) copy_file_atomically(source, copy);
  for (const RunCheckpoint& each : left)
    if (const fs::path copy = kept.checkpoints() / each.name; !fs::exists(copy, error))
      link_or_copy_folder(each.folder, copy);
  if (fs::is_directory(run.evaluations(), error)) link_or_copy_folder(run.evaluations(), kept.evaluations());
  for (const RunCheckpoint& each : left)
    if (each.pinned) pin_checkpoint(kept, each.name);
}

/// The step at the end of "SFT-40" and "SFT-40.json"; -1 where there is none.
int64_t step_in_name(const fs::path& path) {
  const std::string name = path.stem().string(), number = name.substr(name.rfind('-') + 1);
  constexpr size_t most_digits = 15;
  const bool is_number =
      !number.empty() && number.size() <= most_digits && number.find_first_not_of("0123456789") == std::string::npos;
  return is_number ? std::stoll(number) : -1;
}

void remove_later(const fs::path& folder, int64_t step) {
  std::error_code error;
  std::vector<fs::path> later;
  for (const auto& entry : fs::directory_iterator(folder, error))
    if (step_in_name(entry.path()) > step) later.push_back(entry.path());
  for (const fs::path& path : later) fs::remove_all(path, error);
}

void note_roll_back(const RunFolder& run, const TrainProgress& at, const RolledBackEvent& what) {
  RunInfo info = read_run_info(run);
  info.status = "stopped";
  info.pid.reset();
  info.control_socket.clear();
  info.log_mark.clear();
  const auto stage = static_cast<int64_t>(at.stage_index);
  std::erase_if(info.stages,
                [&](const StageRecord& record) { return record.stage_index > stage || record.from_step > at.step; });
  std::erase_if(info.gates, [&](const GateRecord& record) { return record.step > at.step; });
  info.roll_backs.push_back({.time = now(), .what = what});
  write_run_info(run, info);
}

/// That a kept run was left, in its own record. It is no newer than the one that goes on, which a resume without a
/// name means.
void note_kept(const RunFolder& kept, const RunFolder& run, const RolledBackEvent& what) {
  RunInfo info = read_run_info(kept);
  info.started = read_run_info(run).started - 0.001;
  info.roll_backs.push_back({.time = now(), .what = what});
  write_run_info(kept, info);
}

}  // namespace

RunCheckpoint roll_back_target(const RunFolder& run, const std::string& to) {
  const std::vector<RunCheckpoint> checkpoints = run_checkpoints(run);
  const RunCheckpoint& newest = newest_of(checkpoints, run);
  const RunCheckpoint* found = last_that(checkpoints, [&](const RunCheckpoint& each) {
    if (each.step >= newest.step) return false;
    if (!to.empty()) return each.name == to || (each.stage == to && each.stage_done);
    return each.stage_done && each.stage_index + 1 == newest.stage_index;
  });
  if (!found) throw no_target(run, checkpoints, newest, to);
  return *found;
}

RolledBackEvent roll_back_run(const RunFolder& run, const fs::path& project_file, const std::string& to,
                              const std::string& reason) {
  const RunCheckpoint target = roll_back_target(run, to);
  verify_checkpoint(target.folder);
  const TrainProgress at = read_checkpoint_state(target.folder).progress;
  std::vector<RunCheckpoint> left = run_checkpoints(run);
  RolledBackEvent what{.from = newest_of(left, run).name, .to = target.name, .reason = reason};
  std::erase_if(left, [&](const RunCheckpoint& each) { return each.step <= target.step; });
  const RunFolder kept = branch_run(run, project_file, kept_id(run, what.from));
  what.kept_as = kept.id();
  try {
    keep_rest(run, kept, left);
    note_kept(kept, run, what);
  } catch (...) {
    std::error_code error;
    fs::remove_all(kept.path, error);  // half a record would be taken for the whole
    throw;
  }
  const RunLock lock(run, "Stop that one first, or wait until it has ended.");
  // A resume goes on from there as soon as this is written; what follows tidies up.
  write_file_atomically(run.checkpoints() / "latest", target.name + "\n");
  note_roll_back(run, at, what);
  std::error_code ignored;
  fs::remove(run.path / "verified.json", ignored);  // of another history
  cut_log(run.events(), at.step, log_mark_from_text(at.log));
  finish_roll_back(run, at.step, now());
  return what;
}

void finish_roll_back(const RunFolder& run, int64_t step, double time) {
  for (const RunCheckpoint& each : run_checkpoints(run))
    if (each.step > step && each.written <= time) remove_checkpoint(each.folder);
  remove_later(run.probes(), step);
  remove_later(run.evaluations(), step);
}

}  // namespace llavakd
