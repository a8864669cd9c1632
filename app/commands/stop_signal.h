// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/run/run_control.h"

namespace llavakd {

/// Makes SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2 and SIGXCPU requests to end, for the rest of the program:
/// terminals, batch systems and launchers send them, several at a time. A request goes to the run while a StopSignal
/// lives, and waits for what is half made on the disk; where there is neither, the signal does what it does by default.
/// A third one that comes two seconds after the others ends the program at once. SIGHUP stays ignored where the program
/// was started so, as by nohup. Call it before there are threads.
void handle_stop_signals();

/// While it lives, requests stop a run: it finishes its step and saves.
class StopSignal {
 public:
  explicit StopSignal(RunControl& control);
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;
  ~StopSignal();
};

}  // namespace llavakd
