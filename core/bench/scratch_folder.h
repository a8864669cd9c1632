// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>

#include "core/io/interruption.h"

namespace llavakd {

/// A folder for temporary files that lives as long as this object.
class ScratchFolder {
 public:
  /// Throws RunError when the system's folder for temporary files is closed.
  ScratchFolder();
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  HalfMade half_made_;
  std::filesystem::path path_;
};

}  // namespace llavakd
