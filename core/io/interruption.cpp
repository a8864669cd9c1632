// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/interruption.h"

#include <atomic>

namespace llavakd {
namespace {

std::atomic<int> half_made{0};
std::atomic<bool> asked{false};
static_assert(std::atomic<int>::is_always_lock_free && std::atomic<bool>::is_always_lock_free);

}  // namespace

HalfMade::HalfMade() {
  ++half_made;
}

HalfMade::~HalfMade() {
  --half_made;
}

bool interrupt_half_made() noexcept {
  if (half_made.load() == 0) return false;
  asked = true;
  return true;
}

void throw_if_interrupted() {
  if (asked.load()) throw Interrupted();
}

}  // namespace llavakd
