// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <atomic>

namespace llavakd {

/// How a run is steered from outside: a signal handler, stdin, the control socket or a test. Lock-free.
class RunControl {
 public:
  enum class State : int { running, paused, stopping };

  void pause() { change(State::running, State::paused); }
  void resume() { change(State::paused, State::running); }
  void stop() {
    state_.store(State::stopping);
    tell();
  }
  /// Asks for a checkpoint after the current step.
  void save() {
    save_.store(true);
    tell();
  }
  bool take_save_request() { return save_.exchange(false); }

  State state() const { return state_.load(); }
  /// Waits while paused. False once the run is to stop.
  bool keep_going() const {
    state_.wait(State::paused);
    return state_.load() != State::stopping;
  }
  /// Waits while paused, but not beyond a request to save.
  void wait_for_request() const {
    const unsigned seen = requests_.load();
    if (state_.load() == State::paused && !save_.load()) requests_.wait(seen);
  }

 private:
  void change(State from, State to) {
    if (state_.compare_exchange_strong(from, to)) tell();
  }
  void tell() {
    ++requests_;
    requests_.notify_all();
    state_.notify_all();
  }
  std::atomic<State> state_{State::running};
  std::atomic<bool> save_{false};
  std::atomic<unsigned> requests_{0};  ///< Grows with each, so that none is missed.
};

}  // namespace llavakd
