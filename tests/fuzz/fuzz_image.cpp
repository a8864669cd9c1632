// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <optional>

#include "core/base/errors.h"
#include "core/image/decode.h"
#include "tests/fuzz/hostile_input.h"

namespace llavakd::fuzz {
namespace {

/// Larger pictures only take time: their headers are read, their pixels are not.
constexpr int64_t most_pixels = 1 << 16;

std::optional<int64_t> pixels_of(Input input) {
  try {
    const ImageSize size = image_size(input, "picture");
    return static_cast<int64_t>(size.width) * size.height;
  } catch (const UserError&) {
    return std::nullopt;
  }
}

}  // namespace

/// The pixels that the header names, which may be all of one colour or cut short: 3 bytes each, and what the library
/// holds meanwhile (coefficients of a progressive JPEG: 6 bytes a pixel in whole blocks; a WebP: 4 bytes of colour and
/// its own planes). Headers over 178 million pixels are refused. Before libtiff looks at the file's length it makes
/// room for the places of up to a million strips; a tile of a small TIFF may have 16 MiB.
MemoryBound memory_bound(Input input) {
  const auto pixels = static_cast<size_t>(pixels_of(input).value_or(0));
  return {.block_times = 2, .total_times = 8, .plus = (size_t{40} << 20) + 32 * pixels};
}

/// The pictures of all targets are told apart by content; each target has its own seeds.
void read_hostile(Input input) {
  const auto pixels = pixels_of(input);
  if (pixels && *pixels > most_pixels) return;
  const Image image = decode_image(input, "picture");
  if (!pixels) finding("a picture whose size can't be read is decoded");
  if (static_cast<int64_t>(image.width) * image.height != *pixels)
    finding("a picture has another size than its header says");
}

}  // namespace llavakd::fuzz
