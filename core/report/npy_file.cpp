// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/npy_file.h"

#include <fmt/format.h>

#include <bit>
#include <cassert>
#include <string>

#include "core/io/atomic_file.h"

namespace llavakd {

static_assert(std::endian::native == std::endian::little, "the header says '<f4'");

void write_npy(const std::filesystem::path& file, std::span<const float> values, int rows, int columns) {
  assert(values.size() == static_cast<size_t>(rows) * static_cast<size_t>(columns));
  constexpr size_t alignment = 64, before_header = 10;  // magic, version and length of the header
  std::string header = fmt::format("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}, {}), }}", rows, columns);
  header.append(alignment - (before_header + header.size() + 1) % alignment, ' ');
  header += '\n';
  std::string begin("\x93NUMPY\x01\x00", 8);
  begin += static_cast<char>(header.size() & 0xff);
  begin += static_cast<char>(header.size() >> 8);
  AtomicFile output(file);
  output.write(begin + header);
  output.write(std::as_bytes(values));
  output.commit();
}

}  // namespace llavakd
