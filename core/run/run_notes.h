// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/run/run_folder.h"

namespace llavakd {

/// What a person says of a run: `notes.json` in its folder, which the engine never writes.
struct RunNotes {
  std::string text;
  std::vector<std::string> tags;    ///< Each once, in the order in which they were given.
  bool baseline = false;            ///< The run that others are compared with: one of a project.
  std::vector<std::string> pinned;  ///< Names of checkpoints ("DFT-40") that no rule removes.
  bool operator==(const RunNotes&) const = default;
};

/// Empty where there is no notes.json. Throws UserError where it can't be read.
RunNotes read_run_notes(const RunFolder& run);

/// Writes them atomically; keys of newer versions stay. Throws UserError where a tag or the text can't be one.
void write_run_notes(const RunFolder& run, const RunNotes& notes);

/// Why a tag can't be one, as a sentence; empty where it can: 1 to 50 characters of one line, without a comma, controls
/// and marks of direction, and without spaces around it.
std::string tag_fault(std::string_view tag);

/// All of them, or none where one of them can't be a tag. Throws UserError.
void add_tags(const RunFolder& run, const std::vector<std::string>& tags);
/// All of them, or none where the run doesn't have one of them. Throws UserError.
void remove_tags(const RunFolder& run, const std::vector<std::string>& tags);
/// Names a checkpoint as one to keep, or no longer. Throws UserError where there is no such checkpoint to pin.
void pin_checkpoint(const RunFolder& run, const std::string& name, bool pinned = true);

/// Makes this run of the project the baseline, and no other one of those that are given; an empty id: none is.
/// Throws UserError where there is no such run.
void set_baseline(const std::filesystem::path& project_file, const std::string& run_id);

}  // namespace llavakd
