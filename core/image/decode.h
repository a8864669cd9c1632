// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/image/image.h"
#include "core/image/image_ref.h"

namespace llavakd {

/// More pixels than this are refused from the header alone: the number at which Pillow, which the published models
/// were trained with, calls an image a decompression bomb.
inline constexpr int64_t max_pixels = 178'956'970;

/// Decodes JPEG, PNG, WebP, BMP, GIF (first frame) or TIFF (first image), told apart by content, to what Pillow's
/// `Image.open(…).convert("RGB")` gives: no EXIF rotation (but TIFF's), alpha and transparency dropped, CMYK by Adobe's
/// inverted convention in JPEG and straight in TIFF, the palette looked up. Of 16-bit channels the high byte is kept
/// (Pillow clips 16-bit grey to white, see core/DECISIONS.md).
/// A JPEG, PNG, BMP, GIF or uncompressed TIFF cut short keeps what is there, as with LOAD_TRUNCATED_IMAGES
/// (`*truncated` then says so); a compressed TIFF or a WebP is refused, as Pillow refuses it.
/// `name` is what messages call the image. Throws UserError for anything that is no usable image.
Image decode_image(std::span<const uint8_t> bytes, const std::string& name, bool* truncated = nullptr);

/// Reads and decodes an image, a path or a part of a file. Throws UserError that names it when it is missing,
/// unreadable or no image.
Image read_image(const ImageRef& image, bool* truncated = nullptr);

/// Width and height of an image from its header, without decoding. Throws UserError like decode_image.
struct ImageSize {
  int width = 0;
  int height = 0;
};
ImageSize image_size(std::span<const uint8_t> bytes, const std::string& name);

/// The image as a PNG file (8-bit RGB). The same image always gives the same bytes on one libpng.
std::vector<uint8_t> encode_png(const Image& image);

}  // namespace llavakd
