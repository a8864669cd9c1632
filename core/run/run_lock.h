// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <string_view>

#include "core/run/run_folder.h"

namespace llavakd {

/// Keeps other engines off a run for as long as it lives. Throws UserError when one is at work on it already.
class RunLock {
 public:
  /// `remedy`: what to do then, a sentence.
  explicit RunLock(const RunFolder& run, std::string_view remedy = "Stop that one first, or start a new run.");
  ~RunLock();
  RunLock(const RunLock&) = delete;
  RunLock& operator=(const RunLock&) = delete;

 private:
  int descriptor_;
};

}  // namespace llavakd
