// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace llavakd {

/// The manifest of a checkpoint: SHA-256 of each of its files, in the format of `sha256sum`.
constexpr const char* checkpoint_sums_name = "SHA256SUMS";

/// Writes the manifest; to be called when everything else is there.
void write_checkpoint_sums(const std::filesystem::path& checkpoint);

/// SHA-256 by file, as the manifest says; empty where there is none. Throws UserError where it is damaged.
std::map<std::string, std::string> read_checkpoint_sums(const std::filesystem::path& checkpoint);

/// What a checkpoint's files are, compared with its manifest.
struct ComparedFiles {
  bool has_sums = false;                 ///< Checkpoints of earlier versions have none.
  int64_t files = 0;                     ///< That are what was written,
  int64_t bytes = 0;                     ///< and their size.
  std::vector<std::string> faults = {};  ///< A sentence for each file that is missing, another, or not listed.
};

/// Reads all files, whatever is wrong with one of them. What people and their file managers leave there doesn't matter.
ComparedFiles compare_with_sums(const std::filesystem::path& checkpoint);

/// The same for a checkpoint that is to be used. False where it has no manifest. Throws UserError with the first fault.
bool verify_checkpoint(const std::filesystem::path& checkpoint);

}  // namespace llavakd
