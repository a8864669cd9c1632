// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commands/stop_signal.h"

#include <signal.h>

#include <atomic>

namespace llavakd {
namespace {

std::atomic<RunControl*> controlled{nullptr};

extern "C" void stop_on_signal(int number) {
  if (RunControl* control = controlled.load()) control->stop();
  signal(number, SIG_DFL);
}

}  // namespace

StopSignal::StopSignal(RunControl& control) {
  controlled = &control;
  signal(SIGINT, stop_on_signal);
  signal(SIGTERM, stop_on_signal);
  signal(SIGHUP, SIG_IGN);  // the run outlives the terminal or window that started it
  signal(SIGPIPE, SIG_IGN);
}

StopSignal::~StopSignal() {
  controlled = nullptr;
  signal(SIGINT, SIG_DFL);
  signal(SIGTERM, SIG_DFL);
}

}  // namespace llavakd
