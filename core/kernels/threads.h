// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace llavakd {

/// While it lives, each thread of LibTorch's pool and the calling one stay on a core of their own. Threads that wander
/// meet on one core now and then, and each parallel loop then waits for a tick of the scheduler: small steps took a
/// hundred times as long. Make it on the thread that computes, after the number of threads is set and after other
/// threads have been started (they would inherit the core).
/// Does nothing where that would harm or can't be: one thread, more threads than cores, OMP_ variables of the user's,
/// another process of this user's that holds one, a system without affinities.
class PinnedThreads {
 public:
  PinnedThreads();
  ~PinnedThreads();
  PinnedThreads(const PinnedThreads&) = delete;
  PinnedThreads& operator=(const PinnedThreads&) = delete;

  bool pinned() const { return claim_ >= 0; }

 private:
  int claim_ = -1;  ///< Says to other processes that the cores are taken.
};

/// Lets the calling thread run on every core again: for threads that are started while PinnedThreads lives.
void unpin_this_thread();

}  // namespace llavakd
