// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/branch_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <utility>
#include <vector>

#include "core/base/errors.h"
#include "core/io/atomic_file.h"
#include "core/io/linked_folder.h"
#include "core/run/checkpoint_state.h"
#include "core/run/checkpoint_sums.h"
#include "core/run/event_log.h"
#include "core/run/events.h"
#include "core/run/finish_roll_back.h"
#include "core/run/run_checkpoints.h"
#include "core/run/run_lock.h"

namespace llavakd {
namespace {

namespace fs = std::filesystem;

struct BranchedFrom {
  fs::path checkpoint;
  TrainProgress at;
};

/// The one that a resume would go on from.
BranchedFrom newest_whole(const RunFolder& run) {
  std::vector<fs::path> checkpoints = list_training_checkpoints(run.checkpoints());
  if (const auto latest = latest_training_checkpoint(run.checkpoints())) {
    std::erase(checkpoints, *latest);
    checkpoints.push_back(*latest);
  }
  for (auto checkpoint = checkpoints.rbegin(); checkpoint != checkpoints.rend(); ++checkpoint) try {
      verify_checkpoint(*checkpoint);
      return {*checkpoint, read_checkpoint_state(*checkpoint).progress};
    } catch (const UserError&) {
      continue;
    }
  throw UserError(fmt::format("The run {} has no whole checkpoint to go on from.", run.id()));
}

/// Probes up to that step. Files of runs are replaced, never written to, so that both may have the same ones.
void link_probes(const RunFolder& from, const RunFolder& to, int64_t step) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(from.probes(), error)) {
    const std::string name = entry.path().filename().string(), number = name.substr(name.rfind('-') + 1);
    const bool is_number = !number.empty() && number.size() < 16 &&
                           std::ranges::all_of(number, [](char c) { return c >= '0' && c <= '9'; });
    if (is_number && std::stoll(number) <= step && entry.is_directory(error))
      link_or_copy_folder(entry.path(), to.probes() / name);
  }
}

void copy_record(const RunFolder& from, const RunFolder& to, const TrainProgress& at) {
  std::error_code error;
  for (const auto& [source, copy] :
       {std::pair(from.events(), to.events()), std::pair(sums_file(from.events()), sums_file(to.events())),
        std::pair(from.image_hashes(), to.image_hashes())})
    if (fs::is_regular_file(source, error)) copy_file_atomically(source, copy);
  cut_log(to.events(), at.step, log_mark_from_text(at.log));
}

RunInfo branched_info(RunInfo info, const RunFolder& from, const RunFolder& to, const BranchedFrom& point) {
  info.id = to.id();
  info.kind = RunKind::train;
  info.status = "stopped";
  info.started = now();
  info.session = info.worked = info.paused = 0;
  info.pid.reset();
  info.control_socket.clear();
  info.log_mark.clear();
  info.going_back.reset();
  std::erase_if(info.stages, [&](const StageRecord& record) { return record.from_step > point.at.step; });
  info.branch_of = {from.id(), point.checkpoint.filename().string()};
  return info;
}

/// What is in a folder that was there before is somebody's, and the branch takes its place.
void refuse_used_folder(const fs::path& folder) {
  std::error_code error;
  if (fs::exists(folder, error) && !fs::is_empty(folder, error))
    throw UserError(fmt::format("{} is there already and isn't empty: give the branch another name.", folder.string()));
}

}  // namespace

void write_branch(const RunFolder& from, const RunFolder& to) {
  const RunInfo info = read_run_info(from);
  const BranchedFrom point = newest_whole(from);
  make_run_folders(to);
  const std::string name = point.checkpoint.filename().string();
  link_or_copy_folder(point.checkpoint, to.checkpoints() / name);
  write_file_atomically(to.checkpoints() / "latest", name + "\n");
  link_probes(from, to, point.at.step);
  copy_record(from, to, point.at);
  write_run_info(to, branched_info(info, from, to, point));
}

RunFolder branch_run(const RunFolder& from, const fs::path& project_file, const std::string& id) {
  const RunLock lock(from, "Stop that one first, or wait until it has ended.");
  settle_roll_back(from);
  RunFolder to = place_of_new_run(project_file, id);
  refuse_used_folder(to.path);
  AtomicFolder building(to.path);
  write_branch(from, {building.partial()});
  building.commit();
  return to;
}

}  // namespace llavakd
