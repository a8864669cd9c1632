// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/run_checkpoints.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <system_error>
#include <utility>

#include "core/base/errors.h"
#include "core/base/name_list.h"
#include "core/io/atomic_file.h"
#include "core/io/config_json.h"
#include "core/io/json_file.h"
#include "core/io/mapped_file.h"
#include "core/run/disk_use.h"
#include "core/run/run_lock.h"
#include "core/run/run_notes.h"

namespace llavakd {

namespace fs = std::filesystem;

namespace {

/// The first part that a checkpoint lacks, or nothing.
std::string missing_part(const fs::path& checkpoint) {
  std::error_code unreadable;
  for (const char* file : {"state.json", "optimizer.safetensors"})
    if (!fs::is_regular_file(checkpoint / file, unreadable)) return file;
  return fs::is_directory(checkpoint / "model", unreadable) ? "" : "model";
}

bool is_whole(const fs::path& checkpoint) {
  return checkpoint.extension() != ".partial" && missing_part(checkpoint).empty();
}

/// The step in `<stage>-<step>`; -1 where there is none.
int64_t step_of(const fs::path& checkpoint) {
  const std::string name = checkpoint.filename().string();
  const char *begin = name.data() + name.rfind('-') + 1, *end = name.data() + name.size();
  int64_t step = -1;
  const auto [stop, error] = std::from_chars(begin, end, step);
  return error == std::errc() && stop == end ? step : -1;
}

/// The folder that `latest` names, if it is a complete checkpoint next to it.
std::optional<fs::path> pointed_at(const fs::path& checkpoints) {
  std::error_code unreadable;
  const fs::path latest = checkpoints / "latest";
  constexpr uintmax_t longest = 4096;
  if (!fs::is_regular_file(latest, unreadable) || fs::file_size(latest, unreadable) > longest) return std::nullopt;
  std::string name(MappedFile::open(latest)->text());
  while (!name.empty() && (name.back() == '\n' || name.back() == '\r' || name.back() == ' ')) name.pop_back();
  if (name.empty() || name.front() == '.' || name.find_first_of("/\\") != std::string::npos) return std::nullopt;
  if (!is_whole(checkpoints / name)) return std::nullopt;
  return checkpoints / name;
}

double written_at(const fs::path& file) {
  std::error_code error;
  const auto time = fs::last_write_time(file, error);
  if (error) return 0;
  return std::chrono::duration<double>(std::chrono::file_clock::to_sys(time).time_since_epoch()).count();
}

/// What state.json says, which names and sizes don't.
void read_state(RunCheckpoint& checkpoint) {
  constexpr JsonLimits limits{.max_bytes = size_t{16} << 20, .max_depth = 16};
  constexpr int64_t most = int64_t{1} << 53;
  try {
    const auto json = read_json(checkpoint.folder / "state.json", limits);
    const ConfigObject state(json, "state.json");
    checkpoint.stage = state.text("stage", checkpoint.stage);
    checkpoint.stage_index = state.integer("stage_index", 0, most, 0);
    checkpoint.stage_step = state.integer("stage_step", 0, most, 0);
    checkpoint.mean_total = state.number("mean_total", -1e300, 1e300, NAN);
    checkpoint.stage_done = state.boolean("stage_done", true);
  } catch (const UserError&) {
    checkpoint.stage_done = true;  // no rule removes what can't be read
  }
}

/// Whether the process that run.json names is at work on it: also where locks don't work.
bool is_living(const RunFolder& run) {
  try {
    const RunInfo info = read_run_info(run);
    return (info.status == "running" || info.status == "paused") && is_alive(info);
  } catch (const UserError&) {
    return false;  // a run.json that can't be read names no process
  }
}

constexpr std::string_view stop_it = "Stop that one first.";

void refuse_living(const RunFolder& run) {
  if (is_living(run))
    throw UserError(fmt::format("{}: another engine is at work on this run. {}", run.path.string(), stop_it));
}

/// The names of those that a person has pinned; nothing where that can't be read.
std::optional<std::vector<std::string>> pinned_names(const RunFolder& run) {
  try {
    return read_run_notes(run).pinned;
  } catch (const UserError&) {
    return std::nullopt;
  }
}

const RunCheckpoint& named(const std::vector<RunCheckpoint>& checkpoints, const RunFolder& run,
                           const std::string& name) {
  const auto found = std::ranges::find(checkpoints, name, &RunCheckpoint::name);
  if (found != checkpoints.end()) return *found;
  std::vector<std::string> names;
  for (const RunCheckpoint& each : checkpoints) names.push_back(each.name);
  throw UserError(names.empty() ? fmt::format("The run {} has no checkpoint.", run.id())
                                : fmt::format("The run {} has no checkpoint \"{}\"; there are {}.", run.id(), name,
                                              name_list(names)));
}

void refuse_needed(const RunCheckpoint& checkpoint) {
  if (checkpoint.pinned)
    throw UserError(fmt::format("The checkpoint {} is pinned; take the pin off first.", checkpoint.name));
  if (checkpoint.newest)
    throw UserError(
        fmt::format("The checkpoint {} is the run's newest, from which it is resumed. Delete the whole run "
                    "if it isn't needed any more.",
                    checkpoint.name));
}

/// Gives where what couldn't be removed of it is.
fs::path removed(const RunCheckpoint& checkpoint) {
  std::error_code error;
  remove_checkpoint(checkpoint.folder);
  if (fs::exists(fs::symlink_status(checkpoint.folder, error)))
    throw UserError(fmt::format("{} can't be removed. Look at its permissions.", checkpoint.folder.string()));
  return fs::path(checkpoint.folder).concat(".partial");
}

}  // namespace

std::vector<fs::path> list_training_checkpoints(const fs::path& checkpoints) {
  std::error_code error;
  std::vector<std::pair<int64_t, fs::path>> found;
  for (const auto& entry : fs::directory_iterator(checkpoints, error))
    if (is_whole(entry.path())) found.emplace_back(step_of(entry.path()), entry.path());
  std::ranges::sort(found);
  std::vector<fs::path> paths;
  for (auto& [step, path] : found) paths.push_back(std::move(path));
  return paths;
}

std::vector<IncompleteCheckpoint> incomplete_checkpoints(const fs::path& checkpoints) {
  std::error_code error;
  std::vector<IncompleteCheckpoint> found;
  for (const auto& entry : fs::directory_iterator(checkpoints, error)) {
    const fs::path& folder = entry.path();
    if (folder.extension() == ".partial" || !entry.is_directory(error) || step_of(folder) < 0) continue;
    if (std::string missing = missing_part(folder); !missing.empty())
      found.push_back({folder, step_of(folder), std::move(missing)});
  }
  std::ranges::sort(found, {}, &IncompleteCheckpoint::step);
  return found;
}

std::optional<fs::path> latest_training_checkpoint(const fs::path& checkpoints) {
  if (const auto pointed = pointed_at(checkpoints)) return pointed;
  const auto all = list_training_checkpoints(checkpoints);
  if (all.empty()) return std::nullopt;
  return all.back();
}

fs::path model_folder_of(const fs::path& path) {
  std::error_code error;
  const bool is_checkpoint = fs::is_regular_file(path / "state.json", error) &&
                             fs::is_regular_file(path / "model/config.json", error) &&
                             !fs::exists(path / "config.json", error);
  return is_checkpoint ? path / "model" : path;
}

std::optional<RunFolder> run_of_model(const fs::path& model_folder) {
  std::error_code error;
  const fs::path model = fs::absolute(model_folder, error).lexically_normal();
  const fs::path checkpoints = (model.has_filename() ? model : model.parent_path()).parent_path().parent_path();
  RunFolder run{checkpoints.parent_path()};
  if (run.checkpoints() != checkpoints || !fs::is_regular_file(run.info(), error)) return std::nullopt;
  return run;
}

void remove_checkpoint(const fs::path& checkpoint) {
  const fs::path doomed = fs::path(checkpoint).concat(".partial");
  std::error_code ignored;
  fs::remove_all(doomed, ignored);
  fs::rename(checkpoint, doomed, ignored);
  fs::remove_all(doomed, ignored);
}

std::vector<RunCheckpoint> run_checkpoints(const RunFolder& run) {
  const auto pinned = pinned_names(run);
  const auto newest = latest_training_checkpoint(run.checkpoints());
  std::vector<RunCheckpoint> checkpoints;
  for (const fs::path& folder : list_training_checkpoints(run.checkpoints())) {
    RunCheckpoint checkpoint{.folder = folder, .name = folder.filename().string(), .step = step_of(folder)};
    checkpoint.stage = checkpoint.name.substr(0, checkpoint.name.rfind('-'));
    checkpoint.pinned = !pinned || std::ranges::count(*pinned, checkpoint.name) > 0;
    checkpoint.newest = newest && folder == *newest;
    checkpoint.written = written_at(folder / "state.json");
    checkpoint.bytes = bytes_below(folder);
    read_state(checkpoint);
    checkpoints.push_back(std::move(checkpoint));
  }
  return checkpoints;
}

nlohmann::ordered_json to_json(const RunCheckpoint& checkpoint) {
  return {{"name", checkpoint.name},
          {"stage", checkpoint.stage},
          {"step", checkpoint.step},
          {"stage_step", checkpoint.stage_step},
          {"stage_done", checkpoint.stage_done},
          {"pinned", checkpoint.pinned},
          {"newest", checkpoint.newest},
          {"mean_total", checkpoint.mean_total},
          {"written", checkpoint.written},
          {"bytes", checkpoint.bytes}};
}

void refuse_at_work(const RunFolder& run) {
  const RunLock lock(run, stop_it);
  refuse_living(run);
}

int64_t delete_checkpoint(const RunFolder& run, const std::string& name) {
  return delete_checkpoints(run, {name});
}

int64_t delete_checkpoints(const RunFolder& run, const std::vector<std::string>& names) {
  const RunLock lock(run, stop_it);
  refuse_living(run);
  const std::vector<RunCheckpoint> checkpoints = run_checkpoints(run);
  for (const std::string& name : names) refuse_needed(named(checkpoints, run, name));
  std::vector<RunCheckpoint> doomed;
  std::vector<fs::path> folders, left;
  for (const RunCheckpoint& checkpoint : checkpoints) {
    if (std::ranges::count(names, checkpoint.name) == 0) continue;
    doomed.push_back(checkpoint);
    folders.push_back(checkpoint.folder);
  }
  const int64_t bytes = bytes_freed(folders);
  for (const RunCheckpoint& checkpoint : doomed) left.push_back(removed(checkpoint));
  return bytes - bytes_freed(left);
}

int64_t delete_run(const RunFolder& run) {
  std::error_code error;
  if (!fs::is_directory(run.path, error)) throw UserError(fmt::format("There is no run {}.", run.path.string()));
  const RunLock lock(run, stop_it);
  refuse_living(run);
  for (const RunCheckpoint& checkpoint : run_checkpoints(run))
    if (checkpoint.pinned)
      throw UserError(
          fmt::format("The run {} has a pinned checkpoint, {}. Take the pin off first.", run.id(), checkpoint.name));
  const bool is_link = fs::is_symlink(run.path, error);
  const fs::path folder = is_link ? fs::canonical(run.path, error) : run.path;
  const int64_t bytes = bytes_freed({folder});
  // A kill in between leaves a folder that no list takes for a run.
  const fs::path doomed = fs::path(folder).concat(".partial");
  fs::remove_all(doomed, error);
  fs::rename(folder, doomed, error);
  if (error) throw UserError(fmt::format("{} can't be removed: {}.", folder.string(), error.message()));
  fs::remove_all(doomed, error);
  if (is_link) fs::remove(run.path, error);
  return bytes - bytes_freed({doomed});
}

}  // namespace llavakd
