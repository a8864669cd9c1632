// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/roll_back_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <filesystem>
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
#include "core/run/event_sums.h"
#include "core/run/events.h"
#include "core/run/finish_roll_back.h"
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

fs::path run_beside(const RunFolder& run, const std::string& id) {
  return fs::absolute(run.path).lexically_normal().parent_path() / id;
}

/// A name for the run that keeps what is left: "ID-SFT-40", or of date and time where that can't be one.
std::string kept_id(const RunFolder& run, const std::string& checkpoint) {
  const fs::path runs = run_beside(run, {}).parent_path();
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

/// That a kept run was left, in its own record. It is no newer than the one that goes on, which a resume without a
/// name means.
void note_kept(const RunFolder& kept, const RunFolder& run, const RollBackRecord& record) {
  RunInfo info = read_run_info(kept);
  info.started = read_run_info(run).started - 0.001;
  info.roll_backs.push_back(record);
  write_run_info(kept, info);
}

/// The first thing that is written: from then on whoever opens the run knows what to do.
void note_intention(const RunFolder& run, const RollBackRecord& record) {
  RunInfo info = read_run_info(run);
  info.going_back = record;
  write_run_info(run, info);
}

/// The kept run is there whole or not at all: that it is there decides whether the run goes back.
void keep(const RunFolder& run, const RunFolder& kept, const RollBackRecord& record,
          const std::vector<RunCheckpoint>& left) {
  AtomicFolder building(kept.path);
  const RunFolder unfinished{building.partial()};
  write_branch(run, unfinished);
  keep_rest(run, unfinished, left);
  note_kept(unfinished, run, record);
  building.commit();
}

/// The error that is on its way says more than one about this.
void forget_quietly(const RunFolder& run) {
  try {
    forget_roll_back(run);
  } catch (const std::exception&) {
    // The next one who opens the run does it.
  }
}

/// Whether a roll back that was cut short, and has been finished now, is the one that is asked for.
bool means_the_same(const RunFolder& run, const std::string& to, const std::string& done) {
  return to.empty() || to == done || std::ranges::any_of(run_checkpoints(run), [&](const RunCheckpoint& each) {
           return each.name == done && each.stage == to && each.stage_done;
         });
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

RolledBackEvent roll_back_run(const RunFolder& run, const std::string& to, const std::string& reason) {
  const RunLock lock(run, "Stop that one first, or wait until it has ended.");
  if (const auto settled = settle_roll_back(run); settled && settled->done && means_the_same(run, to, settled->what.to))
    return settled->what;
  const RunCheckpoint target = roll_back_target(run, to);
  verify_checkpoint(target.folder);
  const TrainProgress at = read_checkpoint_state(target.folder).progress;
  std::vector<RunCheckpoint> left = run_checkpoints(run);
  RollBackRecord record{
      .time = now(), .what = {.from = newest_of(left, run).name, .to = target.name, .kept_as = {}, .reason = reason}};
  record.what.kept_as = kept_id(run, record.what.from);
  std::erase_if(left, [&](const RunCheckpoint& each) { return each.step <= target.step; });
  note_intention(run, record);
  const RunFolder kept{run_beside(run, record.what.kept_as)};
  try {
    keep(run, kept, record, left);
  } catch (...) {
    if (!keeps_what_was_left(kept, record.what)) forget_quietly(run);
    throw;
  }
  go_back_to(run, at, record);
  return record.what;
}

}  // namespace llavakd
