// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/run/run_verification.h"

namespace llavakd {

/// What a repeated step's numbers may differ by on a machine of another kind, as a share of their size. On one of the
/// same kind (LibTorch, instruction set, processor, threads, device, kernels) nothing may.
double bundle_tolerance(const std::string& precision);

struct VerifyBundleOptions {
  /// Folders, or single files, that the models, data and pictures are looked for in.
  std::vector<std::filesystem::path> inputs = {};
  /// So many steps are trained again; 0: none.
  int64_t replay_steps = 0;
  /// Told of each step of them.
  std::function<void(int64_t done, int64_t steps)> progress = {};
  /// Told of each part as it is done.
  std::function<void(const VerifiedPart&)> done = {};
};

/// Compares a bundle that somebody else has made with what it says of itself: its files with their hashes, its
/// checkpoints with their manifests, its log with its checksums. Then finds what the run read by its hashes, puts links
/// to it into a folder of its own in the temporary folder, and trains some steps again there: from the bundle's
/// checkpoint, or from the run's beginning. No path of the bundle is followed, and nothing is written into it. Throws
/// UserError for what can't be a bundle.
RunVerification verify_bundle(const std::filesystem::path& folder, const VerifyBundleOptions& options = {});

}  // namespace llavakd
