// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/verify_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "core/base/byte_size.h"
#include "core/base/errors.h"
#include "core/data/dataset.h"
#include "core/data/project_inputs.h"
#include "core/project/project_file.h"
#include "core/project/visitors.h"
#include "core/run/checkpoint_state.h"
#include "core/run/checkpoint_sums.h"
#include "core/run/compared_log.h"
#include "core/run/events.h"
#include "core/run/input_hashes.h"
#include "core/run/run_checkpoints.h"
#include "core/run/run_lock.h"
#include "core/training/replay.h"

namespace llavakd {
namespace {

namespace fs = std::filesystem;

std::string count_text(size_t count, const char* what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

/// Those to look at, oldest first. Throws UserError where there is none.
std::vector<fs::path> chosen_checkpoints(const RunFolder& run, const std::string& name) {
  std::vector<fs::path> checkpoints = list_training_checkpoints(run.checkpoints());
  for (const IncompleteCheckpoint& each : incomplete_checkpoints(run.checkpoints())) checkpoints.push_back(each.folder);
  if (name.empty()) return checkpoints;
  std::erase_if(checkpoints, [&](const fs::path& folder) { return folder.filename() != name; });
  if (checkpoints.empty()) throw UserError(fmt::format("The run {} has no checkpoint \"{}\".", run.id(), name));
  return checkpoints;
}

/// What the run reads, all of it, as the options say that it was last at work with.
InputFiles inputs_of(const Project& project, const fs::path& project_file) {
  std::map<fs::path, std::shared_ptr<const Dataset>> datasets;
  const auto dataset = [&](const StageOptions& stage) -> const Dataset& {
    auto& opened = datasets[resolve(project_file, stage.data)];
    if (!opened) opened = open_dataset(resolve(project_file, stage.data));
    return *opened;
  };
  return input_files(project, project_file, dataset, {});
}

VerifiedPart verified_inputs(const RunFolder& run, const RunInfo& info) try {
  VerifiedPart part{.what = "inputs"};
  const KnownInputs known = read_known_inputs(run);
  if (known.files.empty()) {
    part.skipped = true;
    part.found = "run.json notes nothing of what the run reads";
    return part;
  }
  const auto project = options_from_json<Project>(info.project, "run.json: ");
  for (const InputChange& change : compare_inputs(inputs_of(project, project_file_of(run, info)), known))
    part.faults.push_back(fmt::format("{} {}.", change.file, change.what));
  part.found =
      fmt::format("{}, {}", count_text(known.files.size(), "file"), count_text(known.images.size(), "picture"));
  return part;
} catch (const UserError& error) {
  return {.what = "inputs", .faults = {error.what()}};
}

/// What the run's end remembers of its log, or, where it was killed, its newest checkpoint that can be read.
std::optional<LogMark> saved_mark(const RunFolder& run, const RunInfo& info) {
  if (!info.log_mark.empty()) return log_mark_from_text(info.log_mark);
  std::vector<fs::path> checkpoints = list_training_checkpoints(run.checkpoints());
  std::ranges::reverse(checkpoints);
  for (const fs::path& checkpoint : checkpoints) try {
      return log_mark_from_text(read_checkpoint_state(checkpoint).progress.log);
    } catch (const UserError&) {
      continue;  // which is said of the checkpoint
    }
  return std::nullopt;
}

}  // namespace

VerifiedPart verify_log(const RunFolder& run, const RunInfo& info) {
  const auto saved = saved_mark(run, info);
  ComparedLog log = compare_log(run.events(), saved);
  VerifiedPart part{.what = "events", .found = count_text(static_cast<size_t>(log.lines), "line")};
  part.faults = std::move(log.faults);
  // A run that was killed may lack a line's checksum; one that ended wrote the mark after its last line.
  if (part.faults.empty() && saved && !info.log_mark.empty() && log.lines > saved->lines)
    part.faults.push_back(fmt::format("{} has {} more than the run wrote.", run.events().filename().string(),
                                      count_text(static_cast<size_t>(log.lines - saved->lines), "line")));
  part.skipped = part.faults.empty() && !log.has_sums;
  if (part.skipped) part.found = "an earlier version wrote them, without checksums";
  return part;
}

void cap_faults(VerifiedPart& part) {
  constexpr size_t most = 20;
  if (part.faults.size() <= most) return;
  const size_t more = part.faults.size() - most;
  part.faults.resize(most);
  part.faults.push_back(fmt::format("And {} more.", more));
}

namespace {

/// An archive may be read-only: what was found is as true without a badge.
void keep_if_possible(const RunFolder& run, const RunVerification& verification) {
  try {
    write_verification(run, verification);
  } catch (const UserError&) {
  } catch (const RunError&) {
  }
}

/// A run that another program recorded, or that was killed before its first checkpoint.
VerifiedPart no_checkpoint() {
  return {.what = "checkpoint", .found = "the run has none", .skipped = true};
}

}  // namespace

VerifiedPart verify_lone_checkpoint(const fs::path& checkpoint) {
  VerifiedPart part{.what = "checkpoint", .name = checkpoint.filename().string()};
  ComparedFiles files = compare_with_sums(checkpoint);
  part.faults = std::move(files.faults);
  part.found = fmt::format("{}, {}", count_text(static_cast<size_t>(files.files), "file"), size_text(files.bytes));
  try {
    const CheckpointState state = read_checkpoint_state(checkpoint);
    if (files.has_sums) return part;
    // Whatever notes the place in the log writes a manifest too.
    part.skipped = state.progress.log.empty();
    if (part.skipped)
      part.found = "an earlier version wrote it, without checksums";
    else
      part.faults.push_back(fmt::format("{} is missing.", (checkpoint / checkpoint_sums_name).string()));
  } catch (const UserError& error) {
    if (std::find(part.faults.begin(), part.faults.end(), error.what()) == part.faults.end())
      part.faults.emplace_back(error.what());
  }
  return part;
}

RunVerification verify_run(const RunFolder& run, const VerifyOptions& options) {
  const RunInfo info = read_run_info(run);
  const RunLock lock(run, "Verify it when that one has stopped.");
  RunVerification verification{.time = now(), .version = LLAVAKD_VERSION};
  if (const auto newest = latest_training_checkpoint(run.checkpoints()))
    verification.checkpoint = newest->filename().string();
  const auto add = [&](VerifiedPart part) {
    cap_faults(part);
    if (options.done) options.done(part);
    verification.parts.push_back(std::move(part));
  };
  const std::vector<fs::path> checkpoints = chosen_checkpoints(run, options.checkpoint);
  for (const fs::path& checkpoint : checkpoints) add(verify_lone_checkpoint(checkpoint));
  if (checkpoints.empty()) add(no_checkpoint());
  if (options.checkpoint.empty()) add(verify_log(run, info));
  VerifiedPart inputs = verified_inputs(run, info);
  const bool same_inputs = inputs.faults.empty();
  add(std::move(inputs));
  if (options.replay_steps > 0 && !same_inputs)
    add({.what = "replay", .found = "the inputs have changed", .skipped = true});
  else if (options.replay_steps > 0)
    add(replay_run(run, info,
                   {.steps = options.replay_steps, .from = options.checkpoint, .progress = options.progress}));
  if (options.checkpoint.empty()) keep_if_possible(run, verification);
  return verification;
}

}  // namespace llavakd
