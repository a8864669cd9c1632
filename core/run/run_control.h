// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <atomic>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace llavakd {

/// What somebody says to a run that waits at a gate.
struct GateAnswer {
  enum class What { go_on, roll_back, stop };
  What what = What::go_on;
  std::string reason = {};
};

/// How a run is steered from outside: a signal handler, stdin, the control socket or a test. Lock-free, but for what
/// is asked at a gate.
class RunControl {
 public:
  enum class State : int { running, paused, stopping };

  void pause() { change(State::running, State::paused); }
  /// Not at a gate, which wants an answer.
  void resume() {
    if (!asks()) change(State::paused, State::running);
  }
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
  /// Waits while paused, but not beyond a request to save or an answer.
  void wait_for_request() const {
    const unsigned seen = requests_.load();
    if (state_.load() == State::paused && !save_.load() && !answered_.load()) requests_.wait(seen);
  }

  /// Pauses the run until an answer or a stop.
  void ask(bool may_roll_back) {
    may_roll_back_.store(may_roll_back);
    asks_.store(true);
    pause();
  }
  bool asks() const { return asks_.load(); }
  /// Whether there is a stage to go back to.
  bool may_roll_back() const { return may_roll_back_.load(); }
  /// False where nothing is asked.
  bool answer(GateAnswer given) {
    if (!asks()) return false;
    const std::scoped_lock lock(mutex_);
    answer_ = std::move(given);
    answered_.store(true);
    tell();
    return true;
  }
  /// The answer, which ends the question; after it the run is no longer paused.
  std::optional<GateAnswer> take_answer() {
    const std::scoped_lock lock(mutex_);
    if (!answered_.exchange(false)) return std::nullopt;
    asks_.store(false);
    change(State::paused, State::running);
    return std::exchange(answer_, std::nullopt);
  }
  /// Where it was a stop that ended the waiting.
  void withdraw_question() {
    const std::scoped_lock lock(mutex_);
    asks_.store(false);
    answered_.store(false);
    answer_.reset();
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
  std::atomic<bool> asks_{false};
  std::atomic<bool> may_roll_back_{false};
  std::atomic<bool> answered_{false};
  std::mutex mutex_;
  std::optional<GateAnswer> answer_;
};

}  // namespace llavakd
