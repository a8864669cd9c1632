// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <span>
#include <string>

#include "core/image/decode.h"
#include "core/image/image.h"

// One decoder a format, each in its own file; only decode.cpp calls them. Each throws UserError, and calls checked_size
// on the header's numbers before it allocates anything that depends on them.
namespace llavakd {

using Bytes = std::span<const uint8_t>;

/// A number of `count` bytes at `at`, the lowest byte first; the caller has checked that they are there.
inline uint32_t little_endian(Bytes bytes, size_t at, size_t count) {
  uint32_t value = 0;
  for (size_t i = 0; i < count; ++i) value |= uint32_t{bytes[at + i]} << (8 * i);
  return value;
}

/// Inks to light as Pillow does it (libImaging/Convert.c, cmyk2rgb): `light` is 255 − black, `inks` the other three.
inline void rgb_from_inks(const uint8_t* inks, int light, uint8_t* rgb) {
  for (size_t channel = 0; channel < 3; ++channel) {
    const int product = inks[channel] * light + 128;
    rgb[channel] = static_cast<uint8_t>(light - ((product + (product >> 8)) >> 8));
  }
}

/// Refuses sizes that are zero or over max_pixels.
ImageSize checked_size(uint64_t width, uint64_t height, const std::string& name);

/// An image that cannot be read: "NAME: the FORMAT data is damaged (WHY)."
[[noreturn]] void throw_damaged(const std::string& name, const char* format, const char* why);

ImageSize jpeg_size(Bytes bytes, const std::string& name);
Image decode_jpeg(Bytes bytes, const std::string& name, bool& truncated);

ImageSize png_size(Bytes bytes, const std::string& name);
Image decode_png(Bytes bytes, const std::string& name, bool& truncated);

ImageSize webp_size(Bytes bytes, const std::string& name);
Image decode_webp(Bytes bytes, const std::string& name);

ImageSize bmp_size(Bytes bytes, const std::string& name);
Image decode_bmp(Bytes bytes, const std::string& name, bool& truncated);

ImageSize gif_size(Bytes bytes, const std::string& name);
/// The first frame, on the file's whole canvas.
Image decode_gif(Bytes bytes, const std::string& name, bool& truncated);

ImageSize tiff_size(Bytes bytes, const std::string& name);
/// The first image of the file, turned as its orientation says (of all formats Pillow does that for TIFF alone).
Image decode_tiff(Bytes bytes, const std::string& name, bool& truncated);

}  // namespace llavakd
