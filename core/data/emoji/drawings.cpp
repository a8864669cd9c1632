// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/emoji/drawings.h"

#include <fmt/format.h>
#include <ft2build.h>
#include FT_FREETYPE_H

#include <algorithm>
#include <memory>

#include "core/base/errors.h"

namespace llavakd::emoji {
namespace {

constexpr unsigned kLargestBitmap = 1024;  // pixels a side; the real font's have 136

struct CloseLibrary {
  void operator()(FT_Library library) const { FT_Done_FreeType(library); }
};
struct CloseFace {
  void operator()(FT_Face face) const { FT_Done_Face(face); }
};
using Library = std::unique_ptr<std::remove_pointer_t<FT_Library>, CloseLibrary>;
using Face = std::unique_ptr<std::remove_pointer_t<FT_Face>, CloseFace>;

[[noreturn]] void refuse(const std::filesystem::path& font, std::string_view what) {
  throw UserError(
      fmt::format("{} {}. The sample data needs the NotoColorEmoji.ttf of the Debian package "
                  "fonts-noto-color-emoji (apt install fonts-noto-color-emoji).",
                  font.string(), what));
}

/// The glyph as FreeType gives it: blue, green, red premultiplied with alpha. The colours are kept as they are and
/// later blended with alpha once more; that darkens the soft rim a little and is how the vision tower saw the drawings
/// when it was trained (Pillow's text drawing does the same).
Bitmap read_glyph(FT_Face face, const Concept& item, const std::filesystem::path& font) {
  const FT_UInt index = FT_Get_Char_Index(face, item.code_point);
  const auto id = fmt::format("U+{:04X} ({})", static_cast<uint32_t>(item.code_point), item.name);
  if (index == 0) refuse(font, "has no glyph for " + id);
  if (FT_Load_Glyph(face, index, FT_LOAD_COLOR) != 0) refuse(font, "is damaged at the glyph of " + id);
  const FT_Bitmap& source = face->glyph->bitmap;
  if (source.pixel_mode != FT_PIXEL_MODE_BGRA || source.width == 0 || source.rows == 0 ||
      source.width > kLargestBitmap || source.rows > kLargestBitmap) {
    refuse(font, "has no colour bitmap of a usable size for " + id);
  }
  Bitmap bitmap(static_cast<int>(source.width), static_cast<int>(source.rows));
  for (int y = 0; y < bitmap.height; ++y) {
    const unsigned char* row = source.buffer + static_cast<std::ptrdiff_t>(y) * source.pitch;
    for (int x = 0; x < bitmap.width; ++x) {
      const unsigned char* bgra = row + 4 * x;
      const std::array<uint8_t, 4> rgba = {bgra[2], bgra[1], bgra[0], bgra[3]};
      std::copy(rgba.begin(), rgba.end(), bitmap.at(x, y));
    }
  }
  return bitmap;
}

/// Cropped to the box of alpha > 0 and centred on a transparent square.
Bitmap cropped_to_square(const Bitmap& bitmap) {
  int left = bitmap.width, top = bitmap.height, right = 0, bottom = 0;
  for (int y = 0; y < bitmap.height; ++y) {
    for (int x = 0; x < bitmap.width; ++x) {
      if (bitmap.at(x, y)[3] == 0) continue;
      left = std::min(left, x);
      top = std::min(top, y);
      right = std::max(right, x + 1);
      bottom = std::max(bottom, y + 1);
    }
  }
  if (right <= left) return bitmap;
  const int width = right - left, height = bottom - top, side = std::max(width, height);
  Bitmap square(side, side);
  for (int y = 0; y < height; ++y) {
    std::copy_n(bitmap.at(left, top + y), 4 * width, square.at((side - width) / 2, (side - height) / 2 + y));
  }
  return square;
}

}  // namespace

std::vector<Drawing> read_drawings(const std::filesystem::path& font, const std::vector<Concept>& concepts) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(font, error)) {
    throw UserError(
        fmt::format("The emoji drawings are missing: there is no file {}. Install the Debian package "
                    "fonts-noto-color-emoji (apt install fonts-noto-color-emoji).",
                    font.string()));
  }
  FT_Library raw_library = nullptr;
  if (FT_Init_FreeType(&raw_library) != 0) throw RunError("FreeType could not be started.");
  const Library library(raw_library);
  FT_Face raw_face = nullptr;
  if (FT_New_Face(library.get(), font.c_str(), 0, &raw_face) != 0) refuse(font, "is not a font that FreeType can read");
  const Face face(raw_face);
  if (!FT_HAS_FIXED_SIZES(face.get()) || !FT_HAS_COLOR(face.get()) || FT_Select_Size(face.get(), 0) != 0) {
    refuse(font, "has no colour bitmaps");
  }
  std::vector<Drawing> drawings;
  for (const Concept& item : concepts) {
    const Bitmap square = cropped_to_square(read_glyph(face.get(), item, font));
    Drawing drawing;
    for (size_t k = 0; k < kSizes.size(); ++k) drawing[k] = resize_lanczos(square, kSizes[k], kSizes[k]);
    drawings.push_back(std::move(drawing));
  }
  return drawings;
}

}  // namespace llavakd::emoji
