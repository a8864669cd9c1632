// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <string>

namespace llavakd {

/// A number of bytes in the unit in which people read it. Units are powers of 1024, for memory and for disks: one
/// convention, which is also that of free, du, ls and nvidia-smi.
struct ByteSize {
  double value = 0;
  const char* unit = "B";  ///< B, KiB, MiB, GiB, TiB or PiB.
  int decimals = 0;        ///< Of the value: three significant digits.
};

ByteSize byte_size(double bytes);

/// "812 B", "3.42 MiB", "12.4 GiB".
std::string size_text(double bytes);

}  // namespace llavakd
