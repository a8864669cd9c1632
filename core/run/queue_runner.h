// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/run/run_queue_file.h"

namespace llavakd {

/// Who holds it starts the runs of a queue: one window or command at a time; the others show the queue and change it.
class QueueRunner {
 public:
  /// Null while somebody else starts them. Throws UserError where the folder can't be made or written to.
  static std::unique_ptr<QueueRunner> take(const std::filesystem::path& folder);
  ~QueueRunner();
  QueueRunner(const QueueRunner&) = delete;
  QueueRunner& operator=(const QueueRunner&) = delete;

 private:
  explicit QueueRunner(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

/// How a queue is, and what its runner has to do.
struct QueueStep {
  StoredQueue queue = {};
  bool is_at_work = false;               ///< The started run, or it is about to be.
  std::string waits_for = {};            ///< Id of a run that isn't the queue's and is at work.
  std::optional<StartedRun> start = {};  ///< To be started now; the queue has it as its started run already.
};

/// Looks how far the run is that was started last, and whether another run of the next one's project or of these is at
/// work. With `may_start`, for its runner alone: notes that a run has ended, holds the queue after one that was
/// stopped, and takes the next one out when nothing is at work. Reads files; throws UserError and RunError.
QueueStep step_run_queue(const std::filesystem::path& folder, const std::vector<std::filesystem::path>& project_files,
                         bool may_start);

/// The run that was to be started couldn't be: it comes back with this sentence, and is passed over. Such runs come
/// first, in the order in which they were tried.
StoredQueue give_back_queued_run(const std::filesystem::path& folder, const StartedRun& run, const std::string& fault);

/// For a program that begins to show the queue: what waits since an earlier session is held, so that nothing starts by
/// surprise, unless somebody is starting it.
StoredQueue hold_kept_queue(const std::filesystem::path& folder);

}  // namespace llavakd
