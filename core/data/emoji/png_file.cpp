// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/emoji/png_file.h"

#include <fmt/format.h>
#include <png.h>

#include <csetjmp>
#include <cstdio>
#include <memory>

#include "core/base/errors.h"

namespace llavakd::emoji {
namespace {

constexpr int kCompression = 4;  // a third larger than 9 and five times faster; the pictures are small either way

/// Everything between libpng's setjmp and longjmp: no C++ object with a destructor lives here. False on any error.
bool encode(png_structp png, png_infop info, std::FILE* file, const uint8_t* rgb, int width, int height) {
  if (setjmp(png_jmpbuf(png))) return false;
  png_init_io(png, file);
  png_set_IHDR(png, info, static_cast<png_uint_32>(width), static_cast<png_uint_32>(height), 8, PNG_COLOR_TYPE_RGB,
               PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_set_compression_level(png, kCompression);
  png_set_filter(png, 0, PNG_FILTER_SUB);
  png_write_info(png, info);
  for (int y = 0; y < height; ++y) png_write_row(png, rgb + static_cast<size_t>(y) * static_cast<size_t>(width) * 3);
  png_write_end(png, info);
  return true;
}

void keep_quiet(png_structp, png_const_charp) {}
void leave(png_structp png, png_const_charp) {
  png_longjmp(png, 1);
}

}  // namespace

void write_png(const std::filesystem::path& path, const std::vector<uint8_t>& rgb, int width, int height) {
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (!file)
    throw RunError(fmt::format("{} can't be written. Is the disk full or the folder read-only?", path.string()));
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, leave, keep_quiet);
  png_infop info = png ? png_create_info_struct(png) : nullptr;
  const bool encoded = info && encode(png, info, file, rgb.data(), width, height);
  png_destroy_write_struct(&png, &info);
  const bool closed = std::fclose(file) == 0;
  if (!encoded || !closed)
    throw RunError(fmt::format("{} could not be written whole. Is the disk full?", path.string()));
}

}  // namespace llavakd::emoji
