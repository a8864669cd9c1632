// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/crc32c.h"

#include <array>

namespace llavakd {
namespace {

constexpr std::array<uint32_t, 256> make_crc_table() {
  constexpr uint32_t reversed_polynomial = 0x82F63B78;
  std::array<uint32_t, 256> table{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t value = byte;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? reversed_polynomial : 0);
    table[byte] = value;
  }
  return table;
}

constexpr auto crc_table = make_crc_table();

}  // namespace

uint32_t crc32c(std::string_view bytes) {
  uint32_t crc = 0xFFFFFFFF;
  for (const char c : bytes) crc = (crc >> 8) ^ crc_table[(crc ^ static_cast<unsigned char>(c)) & 0xFF];
  return ~crc;
}

uint32_t masked_crc32c(std::string_view bytes) {
  constexpr uint32_t mask_delta = 0xA282EAD8;
  const uint32_t crc = crc32c(bytes);
  return ((crc >> 15) | (crc << 17)) + mask_delta;
}

}  // namespace llavakd
