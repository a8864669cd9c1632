// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>

namespace llavakd {

/// Whether none of the numbers has all bits of `exponent` set, as infinities and NaN have.
bool all_finite(const uint16_t* numbers, int64_t count, uint16_t exponent);
bool all_finite(const uint32_t* numbers, int64_t count, uint32_t exponent);

}  // namespace llavakd
