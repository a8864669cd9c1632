// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/run/event_columns.h"
#include "core/run/recent_events.h"

namespace llavakd {

/// Follows the log of a run of any length: its steps as columns, all else as events. What the log's index holds isn't
/// read again.
class RunReader {
 public:
  explicit RunReader(std::filesystem::path log) : log_(std::move(log)), reader_(log_) {}

  /// What the last lines of a long log show, so that the newest steps are there before the others have been read.
  /// Nothing where reading takes no time worth speaking of.
  std::optional<ReadLog> glance();

  /// Reads some more of the log; gives whether there is more. A log that became shorter is read from its start again,
  /// which restarted() reports.
  bool read_some();
  bool restarted() const { return restarted_; }
  /// How much of the log has been read, 0 to 1.
  double share() const;

  const StepHistory& steps() const { return steps_; }
  /// The events since the last call; of steps the newest of each stage (RecentEvents).
  std::vector<Event> take_events();
  std::vector<std::string> take_warnings() { return reader_.take_warnings(); }

  /// For write_columns(), on any thread: set by the first take_events() if the index lacks much of the log.
  std::optional<ReadLog> take_index();

 private:
  void open();
  void forget();

  std::filesystem::path log_;
  EventReader reader_;
  StepHistory steps_;
  RecentEvents recent_;
  std::optional<ReadLog> index_;
  int64_t indexed_ = 0;  ///< Bytes of the log.
  bool opened_ = false, taken_ = false, restarted_ = false;
};

/// All steps of a run. Writes the index where one is missing. For worker threads.
std::shared_ptr<const StepHistory> read_steps(const std::filesystem::path& log);

}  // namespace llavakd
