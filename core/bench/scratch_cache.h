// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/bench/scratch_folder.h"
#include "core/training/forward.h"

namespace llavakd {

/// A run's caches on disk in a folder that lives as long as this object.
class ScratchCache {
 public:
  /// Switches on the caches of the tower and, where there is one, of the teacher. The models must outlive `plan`, and
  /// this, too.
  void open(Forward::Plan& plan, const MultimodalModel* teacher, const MultimodalModel& student) const;

 private:
  ScratchFolder folder_;
};

}  // namespace llavakd
