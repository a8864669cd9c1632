// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

/// Shared by gguf.cpp and gguf_reader.cpp: how metadata values are stored in the file.
namespace llavakd::gguf {

// gguf_metadata_value_type
enum Type : uint32_t { u8, i8, u16, i16, u32, i32, f32, boolean_, string_, array_, u64, i64, f64, type_count };
inline constexpr std::array<uint8_t, type_count> kSizes{1, 1, 2, 2, 4, 4, 4,
                                                        1, 8, 0, 8, 8, 8};  // a string: its length first

template <typename T>
T load(const std::byte* data) {
  T value;
  std::memcpy(&value, data, sizeof value);
  return value;
}

}  // namespace llavakd::gguf
