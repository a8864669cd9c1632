// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commands/stop_signal.h"

#include <signal.h>
#include <time.h>

#include <atomic>
#include <cerrno>
#include <cstdint>

#include "core/io/interruption.h"

namespace llavakd {
namespace {

constexpr int stop_signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGXCPU};

/// A third request must come this long after the one before it, so that a launcher's volley doesn't end the program:
/// Slurm sends two within milliseconds at a time limit, perhaps after a warning of its own.
constexpr int64_t patience_milliseconds = 1500;

std::atomic<RunControl*> controlled{nullptr};
std::atomic<int> requests{0};
std::atomic<int64_t> last_request{0};

int64_t milliseconds() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return int64_t{time.tv_sec} * 1000 + time.tv_nsec / 1'000'000;
}

/// Counts a request. True for the one that is not to be waited for.
bool is_impatient() {
  const int64_t now = milliseconds(), before = last_request.exchange(now);
  return ++requests > 2 && now - before >= patience_milliseconds;
}

extern "C" void on_stop_signal(int number) {
  const int error = errno;
  // The kernel repeats SIGXCPU every second: nobody's impatience.
  const bool at_once = number != SIGXCPU && is_impatient();
  RunControl* control = controlled.load();
  if (control && !at_once)
    control->stop();
  else if (at_once || !interrupt_half_made()) {
    signal(number, SIG_DFL);
    raise(number);  // takes effect when this handler returns
  }
  errno = error;
}

}  // namespace

void handle_stop_signals() {
  for (const int number : stop_signals) {
    struct sigaction action {};
    if (number == SIGHUP && sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN) continue;
    action = {};
    action.sa_handler = on_stop_signal;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, nullptr);
  }
}

StopSignal::StopSignal(RunControl& control) {
  controlled = &control;
  signal(SIGPIPE, SIG_IGN);  // nobody reads what the run prints: it goes on
}

StopSignal::~StopSignal() {
  controlled = nullptr;
}

}  // namespace llavakd
