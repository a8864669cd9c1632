// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>
#include <optional>
#include <vector>

#include "core/checkpoint/loaded_model.h"
#include "core/data/loader.h"
#include "core/io/interruption.h"
#include "core/training/forward.h"

namespace llavakd {

/// A run's caches on disk in a folder that lives as long as this object. A run knows pictures by their files, so those
/// of given samples are written there as files of their pixels.
class ScratchCache {
 public:
  /// Gives the samples' pictures files. Throws RunError when the system's folder for temporary files is closed.
  explicit ScratchCache(std::vector<PreparedSample>& samples);
  ~ScratchCache();
  ScratchCache(const ScratchCache&) = delete;
  ScratchCache& operator=(const ScratchCache&) = delete;

  /// Switches on the caches of the tower and, where there is one, of the teacher. `plan` must not outlive this.
  void open(Forward::Plan& plan, const MultimodalModel* teacher, const MultimodalModel& student);

 private:
  HalfMade half_made_;
  std::filesystem::path folder_;
  std::optional<LoadedModel> teacher_, student_;
};

}  // namespace llavakd
