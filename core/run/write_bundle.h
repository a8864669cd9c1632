// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "core/run/bundle.h"

namespace llavakd {

struct BundleOptions {
  BundleWeights weights = BundleWeights::none;
  /// Replaces the names of the user, of the machine and of people, and all absolute paths (redaction.h).
  bool redact = false;
  /// Told of each file that is written, and of how many.
  std::function<void(int64_t done, int64_t files)> progress = {};
};

struct WrittenBundle {
  BundleInfo info;
  int64_t files = 0, bytes = 0;
};

/// Writes what others need to look at a run and to repeat some of its steps into the new folder `out`: the project as
/// it was run, the record, curves as CSV, probes, scores, what machine and libraries were, hashes of what the run read,
/// the weights that are asked for, and SHA256SUMS over all of it. The same run gives the same bytes. The folder appears
/// whole or not at all. Throws UserError where an engine is at work on the run, the folder is in use, or what shall be
/// hidden can't be taken out; RunError where the disk is full.
WrittenBundle write_bundle(const RunFolder& run, const std::filesystem::path& out, const BundleOptions& options = {});

/// For write_bundle(): the text for people that comes with a bundle, and what machine and libraries were.
std::string bundle_readme(const BundleInfo& info);
nlohmann::ordered_json bundle_environment(const RunInfo& info);

}  // namespace llavakd
