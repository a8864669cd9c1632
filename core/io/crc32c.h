// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <string_view>

namespace llavakd {

/// CRC-32C, the Castagnoli polynomial 0x1EDC6F41 (RFC 3720, appendix B.4): of "123456789" it is 0xE3069283.
uint32_t crc32c(std::string_view bytes);

/// The form in which TFRecord files store it (tensorflow/core/lib/hash/crc32c.h, Mask).
uint32_t masked_crc32c(std::string_view bytes);

}  // namespace llavakd
