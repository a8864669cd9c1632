// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/byte_size.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace llavakd {

ByteSize byte_size(double bytes) {
  constexpr std::array units{"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  size_t unit = 0;
  while (std::abs(bytes) >= 999.5 && unit + 1 < units.size()) bytes /= 1024, ++unit;
  const double size = std::abs(bytes);
  return {bytes, units[unit], unit == 0 || size >= 99.95 ? 0 : size < 9.995 ? 2 : 1};
}

std::string size_text(double bytes) {
  const ByteSize size = byte_size(bytes);
  return fmt::format("{:.{}f} {}", size.value, size.decimals, size.unit);
}

}  // namespace llavakd
