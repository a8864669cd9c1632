// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <exception>

namespace llavakd {

/// Work was ended on request before it was done. What was half made has been removed by the time that it is caught.
class Interrupted : public std::exception {
 public:
  const char* what() const noexcept override { return "Stopped on request; nothing half written is left."; }
};

/// While one lives, something half made is on the disk: a request to end waits until it has been removed.
class HalfMade {
 public:
  HalfMade();
  HalfMade(const HalfMade&) = delete;
  HalfMade& operator=(const HalfMade&) = delete;
  ~HalfMade();
};

/// Asks the work to end where something is half made, and says whether that is so; otherwise nothing happens, and the
/// program may end at once. Safe in a signal handler.
bool interrupt_half_made() noexcept;

/// Throws Interrupted after interrupt_half_made() has asked for it. For each file, image or step of work that makes
/// something.
void throw_if_interrupted();

}  // namespace llavakd
