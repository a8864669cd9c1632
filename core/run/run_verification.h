// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/run/run_folder.h"

namespace llavakd {

/// One thing of a run that was looked at.
struct VerifiedPart {
  std::string what;                      ///< "checkpoint", "events", "inputs", "replay"; of a bundle "files", too.
  std::string name = {};                 ///< Of the checkpoint: "DFT-18".
  std::string found = {};                ///< What holds, or why it couldn't be looked at.
  bool skipped = false;                  ///< It couldn't be looked at, and nothing is wrong with it that is known.
  std::vector<std::string> faults = {};  ///< Sentences; empty: it is as the run left it.
  bool is_near = false;                  ///< A replay on another machine: not to the bit, but within its tolerance.
};

/// What `llavakd verify` found out of a run: `verified.json` in its folder.
struct RunVerification {
  double time = 0;              ///< Seconds since 1970.
  std::string version = {};     ///< Of the program.
  std::string checkpoint = {};  ///< The run's newest at that time.
  std::vector<VerifiedPart> parts = {};

  /// Whether a checkpoint, or a bundle's files, were looked at and nothing was found wrong.
  bool holds() const;
};

nlohmann::ordered_json to_json(const RunVerification& verification);

/// What is known of a run; nothing where it was never verified, or the file can't be read: then it is done again.
std::optional<RunVerification> read_verification(const RunFolder& run);
/// Of many faults the first are kept, and how many more there were.
void write_verification(const RunFolder& run, const RunVerification& verification);

/// Whether the run has gone on since: its newest checkpoint is another.
bool is_outdated(const RunVerification& verification, const RunFolder& run);

/// "3 checkpoints, events, inputs, replay of 4 steps", of what holds; then what doesn't: for people.
std::string to_text(const RunVerification& verification);

}  // namespace llavakd
