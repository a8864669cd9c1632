// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/project/run_control.h"

namespace llavakd {

/// While it lives, the first Ctrl-C or SIGTERM asks the run to stop after its step; a second one ends the program at
/// once.
class StopSignal {
 public:
  explicit StopSignal(RunControl& control);
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;
  ~StopSignal();
};

}  // namespace llavakd
