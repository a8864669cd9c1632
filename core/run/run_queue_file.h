// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/project/options.h"
#include "core/project/project_merge.h"

namespace llavakd {

/// A run that waits for its turn.
struct QueuedRun {
  std::string id = {};  ///< Of this entry, whatever its place is.
  std::filesystem::path project_file = {};
  std::string project_name = {};
  std::string run_name = {};  ///< As a person has named it; empty: it will be named by the time of its start.
  std::string project = {};   ///< Text of the options as they were when it was added; later edits don't reach it.
  double added = 0;           ///< Seconds since 1970.
  std::string fault = {};     ///< Why it could not be started; it is passed over until it is tried again.
  bool operator==(const QueuedRun&) const = default;
};

/// The run that was started last, for as long as nobody has seen its end.
struct StartedRun {
  QueuedRun entry = {};
  std::filesystem::path folder = {};
  double since = 0;  ///< Seconds since 1970.
  bool operator==(const StartedRun&) const = default;
};

/// The runs that a user's windows and commands start one after another: one queue for all of them.
struct StoredQueue {
  std::vector<QueuedRun> waiting = {};  ///< The first to start comes first.
  std::optional<StartedRun> started = {};
  bool held = false;        ///< Nothing is started.
  std::string reason = {};  ///< Why, a sentence; empty: a person said so.
  bool operator==(const StoredQueue&) const = default;
};

/// Where a user's queue is: llavakd-studio/queue in XDG_STATE_HOME, otherwise in ~/.local/state.
std::filesystem::path run_queue_folder();

/// An entry for this project, with an id of its own. `project` is what will run, whatever the file says by then. Throws
/// UserError for what can't be a run's name, and for a path that isn't UTF-8.
QueuedRun queued_run(const std::filesystem::path& project_file, const Project& project,
                     const std::string& run_name = {});

/// An entry for each of these schedules with each of these seeds, as people type them (core/project/arms.h); without
/// text the project's own. Throws UserError.
std::vector<QueuedRun> queued_arms(const std::filesystem::path& project_file, const Project& project,
                                   const std::string& arms, const std::string& seeds);

/// Where an entry's options differ from those of its project's file as it is now: what tells two entries of a project
/// apart. Nothing where one of them can't be read.
std::vector<ProjectDifference> queued_changes(const QueuedRun& run);

/// The queue as it is; empty where there is none. Throws UserError for a damaged one and for one of a newer version.
StoredQueue read_run_queue(const std::filesystem::path& folder);

/// Changes the queue and gives what it is then. Others who change it at the same time wait: each change meets what the
/// others have left, so that none is lost if it goes by the entries' ids. Throws UserError and RunError.
StoredQueue change_run_queue(const std::filesystem::path& folder, const std::function<void(StoredQueue&)>& change);

// Changes. An entry that isn't there any more is no fault: somebody else was quicker.

void move_queued_run(StoredQueue& queue, const std::string& id, int by);
void remove_queued_run(StoredQueue& queue, const std::string& id);
/// Throws UserError for what can't be a run's name; empty takes the name away.
void name_queued_run(StoredQueue& queue, const std::string& id, const std::string& run_name);
/// One that could not be started waits again.
void retry_queued_run(StoredQueue& queue, const std::string& id);
void hold_queue(StoredQueue& queue, bool held, const std::string& reason = {});

/// The one that is started next; null: none waits that can be.
const QueuedRun* next_queued_run(const StoredQueue& queue);

}  // namespace llavakd
