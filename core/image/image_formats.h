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

/// Refuses sizes that are zero or over max_pixels.
ImageSize checked_size(uint64_t width, uint64_t height, const std::string& name);

/// A picture that cannot be read: "NAME: the FORMAT data is damaged (WHY)."
[[noreturn]] void throw_damaged(const std::string& name, const char* format, const char* why);

ImageSize jpeg_size(Bytes bytes, const std::string& name);
Image decode_jpeg(Bytes bytes, const std::string& name, bool& truncated);

ImageSize png_size(Bytes bytes, const std::string& name);
Image decode_png(Bytes bytes, const std::string& name, bool& truncated);

ImageSize webp_size(Bytes bytes, const std::string& name);
Image decode_webp(Bytes bytes, const std::string& name);

}  // namespace llavakd
