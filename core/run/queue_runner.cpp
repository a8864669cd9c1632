// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/queue_runner.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "core/base/errors.h"
#include "core/run/run_folder.h"
#include "core/run/run_list.h"
#include "core/run/run_overview.h"

namespace llavakd {
namespace {

namespace fs = std::filesystem;

/// An engine looks at models and data before it writes anything; what isn't there then never will be.
constexpr double longest_start = 600;  // seconds

enum class Course { starting, at_work, stopped, ended, lost };

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

bool is_busy(const RunInfo& info) {
  const RunStatus status = status_of(info);
  return status == RunStatus::running || status == RunStatus::paused;
}

Course course_of(const StartedRun& run) {
  const RunFolder folder{run.folder};
  std::error_code error;
  if (!fs::exists(folder.info(), error))
    return seconds_now() - run.since > longest_start ? Course::lost : Course::starting;
  try {
    const RunInfo info = read_run_info(folder);
    if (is_busy(info)) return Course::at_work;
    // At a gate that isn't met a run ends by itself; the others go on.
    return info.status == "stopped" && !unmet_gate(info) ? Course::stopped : Course::ended;
  } catch (const UserError&) {
    return Course::at_work;  // being written this moment
  }
}

std::string other_at_work(const StoredQueue& queue, std::vector<fs::path> project_files) {
  if (const QueuedRun* next = next_queued_run(queue)) project_files.push_back(next->project_file);
  std::ranges::sort(project_files);
  std::string other;
  for (size_t i = 0; i < project_files.size(); ++i) {
    if (i > 0 && project_files[i] == project_files[i - 1]) continue;
    for (const ListedRun& run : all_runs(project_files[i]))
      if (is_busy(run.info) && !(queue.started && queue.started->folder == run.folder.path)) other = run.folder.id();
  }
  return other;
}

/// Before those that can still be started, after what came back earlier.
void put_back(StoredQueue& queue, QueuedRun entry, const std::string& fault) {
  entry.fault = fault;
  const auto place = std::ranges::find_if(queue.waiting, [](const QueuedRun& run) { return run.fault.empty(); });
  queue.waiting.insert(place, std::move(entry));
}

/// The started run has ended, or never began.
void note_end(StoredQueue& queue, Course course) {
  const StartedRun run = *queue.started;
  queue.started.reset();
  if (course == Course::lost) put_back(queue, run.entry, "It was to be started, but no run of it is there.");
  if (course == Course::stopped && next_queued_run(queue))
    hold_queue(queue, true, fmt::format("{} was stopped, so the queue is held.", run.folder.filename().string()));
}

/// Entries whose name another run has by now are told so: that run's end must not be taken for theirs.
void refuse_taken_names(StoredQueue& queue) {
  std::error_code error;
  for (QueuedRun& run : queue.waiting)
    if (run.fault.empty() && !run.run_name.empty() && fs::exists(runs_folder(run.project_file) / run.run_name, error))
      run.fault = fmt::format("There is a run {} already; give this one another name.", run.run_name);
}

StartedRun take_next(StoredQueue& queue) {
  const QueuedRun entry = *next_queued_run(queue);
  remove_queued_run(queue, entry.id);
  const fs::path runs = runs_folder(entry.project_file);
  queue.started = StartedRun{.entry = entry,
                             .folder = runs / (entry.run_name.empty() ? new_run_id(runs) : entry.run_name),
                             .since = seconds_now()};
  return *queue.started;
}

}  // namespace

std::unique_ptr<QueueRunner> QueueRunner::take(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  const int descriptor = open((folder / "runner.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (descriptor < 0)
    throw UserError(fmt::format("The queue of runs can't be kept in {}: {}.", folder.string(), strerror(errno)));
  // Where the file system knows no locks, whoever asks may.
  if (flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
    return std::unique_ptr<QueueRunner>(new QueueRunner(descriptor));
  close(descriptor);
  return nullptr;
}

QueueRunner::~QueueRunner() {
  close(descriptor_);
}

QueueStep step_run_queue(const fs::path& folder, const std::vector<fs::path>& project_files, bool may_start) {
  // Looking takes longer than a change may keep others waiting; what was looked at is compared below.
  const StoredQueue seen = read_run_queue(folder);
  const Course course = seen.started ? course_of(*seen.started) : Course::ended;
  QueueStep step{.queue = seen, .is_at_work = course == Course::starting || course == Course::at_work};
  if (next_queued_run(seen)) step.waits_for = other_at_work(seen, project_files);
  if (!may_start) return step;
  const bool has_ended = seen.started && course != Course::starting && course != Course::at_work;
  if (!has_ended && (seen.started || seen.held || !next_queued_run(seen))) return step;
  step.queue = change_run_queue(folder, [&](StoredQueue& queue) {
    if (queue.started != seen.started) return;
    if (queue.started) note_end(queue, course);
    if (!queue.held) refuse_taken_names(queue);
    const QueuedRun* next = next_queued_run(queue);
    const QueuedRun* next_seen = next_queued_run(seen);
    // Of another entry's project nothing was looked at yet.
    if (queue.held || !next || !next_seen || next->project_file != next_seen->project_file || !step.waits_for.empty())
      return;
    step.start = take_next(queue);
  });
  return step;
}

StoredQueue give_back_queued_run(const fs::path& folder, const StartedRun& run, const std::string& fault) {
  return change_run_queue(folder, [&](StoredQueue& queue) {
    if (!queue.started || queue.started->entry.id != run.entry.id) return;
    queue.started.reset();
    put_back(queue, run.entry, fault);
  });
}

StoredQueue hold_kept_queue(const fs::path& folder) {
  const auto runner = QueueRunner::take(folder);
  if (!runner) return read_run_queue(folder);
  return change_run_queue(folder, [](StoredQueue& queue) {
    if (!queue.held && next_queued_run(queue))
      hold_queue(queue, true, "Kept from the last time; nothing is started yet.");
  });
}

}  // namespace llavakd
