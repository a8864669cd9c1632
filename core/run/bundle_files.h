// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/run/bundle.h"

namespace llavakd {

/// A file of a run that goes into its bundle.
struct BundledFile {
  std::filesystem::path from;
  std::filesystem::path to;    ///< Within the bundle.
  const char* part = "";       ///< "record", "log", "probes", "scores" or "weights".
  int64_t bytes = 0;           ///< Now.
  bool is_of_a_model = false;  ///< Of a model's folder: its vocabulary must stay as it is.
};

/// What a bundle with these weights takes of the run, by name. Caches, locks and sockets stay out. With all weights
/// these are the newest checkpoint and the one before, so that steps can be repeated between them.
std::vector<BundledFile> files_for_bundle(const RunFolder& run, BundleWeights weights);

/// Throws UserError where a link leads out of the run's folder to the file: it may be anything of the user's, and a
/// bundle is for others. Checkpoints may lie elsewhere as a whole.
void refuse_link_out(const RunFolder& run, const BundledFile& file);

/// What a part of a bundle takes, for a look before it is written.
struct BundlePart {
  std::string name;
  int64_t files = 0, bytes = 0;
};
/// The parts in order, without the weights; then those of the student alone ("student") and of all ("all").
std::vector<BundlePart> parts_for_bundle(const RunFolder& run);

}  // namespace llavakd
