// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <string_view>

#include "core/run/events.h"

namespace llavakd {

/// Reads the line of a step exactly as to_line() writes it, some ten times as fast as parse_event() and with the same
/// values. False for any other line, valid or not, which parse_event() must then read. `event` is filled, and only
/// where the answer is true does it hold anything of use; giving the same one again saves the allocations.
bool read_step_line(std::string_view line, Event& event);

}  // namespace llavakd
