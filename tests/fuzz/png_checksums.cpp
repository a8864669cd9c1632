// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Changes that libFuzzer makes to a PNG, with the checksums of its chunks made right again: otherwise nearly all of
// them would end at the first checksum.
#include <zlib.h>

#include <cstddef>
#include <cstdint>

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t most);

namespace {

constexpr size_t signature_bytes = 8, header_bytes = 8, checksum_bytes = 4;

size_t big_endian(const uint8_t* at) {
  return size_t{at[0]} << 24 | size_t{at[1]} << 16 | size_t{at[2]} << 8 | at[3];
}

void repair_checksums(uint8_t* data, size_t size) {
  size_t at = signature_bytes;
  while (at + header_bytes + checksum_bytes <= size) {
    const size_t length = big_endian(data + at);
    if (length > size - at - header_bytes - checksum_bytes) return;
    const uLong checksum = crc32(crc32(0, nullptr, 0), data + at + 4, static_cast<uInt>(length + 4));
    at += header_bytes + length;
    for (int i = 0; i < 4; ++i) data[at++] = static_cast<uint8_t>(checksum >> (24 - 8 * i));
  }
}

}  // namespace

/// One change of sixteen keeps its wrong checksums.
extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t most, unsigned seed) {
  size = LLVMFuzzerMutate(data, size, most);
  if (seed % 16 != 0) repair_checksums(data, size);
  return size;
}
