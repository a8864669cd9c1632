// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/decode.h"

#include <fmt/format.h>

#include <cstring>
#include <string_view>

#include "core/base/errors.h"
#include "core/base/printable.h"
#include "core/image/image_formats.h"
#include "core/image/other_formats.h"

using namespace std::string_view_literals;

namespace llavakd {
namespace {

enum class Format { jpeg, png, webp, bmp, gif, tiff };

bool starts_with(Bytes bytes, std::string_view magic) {
  return bytes.size() >= magic.size() && std::memcmp(bytes.data(), magic.data(), magic.size()) == 0;
}

Format format_of(Bytes bytes, const std::string& name) {
  if (bytes.empty()) throw UserError(fmt::format("{}: the file is empty.", name));
  if (starts_with(bytes, "\xFF\xD8\xFF")) return Format::jpeg;
  if (starts_with(bytes, "\x89PNG\r\n\x1A\n")) return Format::png;
  if (starts_with(bytes, "RIFF") && bytes.size() >= 12 && starts_with(bytes.subspan(8), "WEBP")) return Format::webp;
  if (starts_with(bytes, "GIF87a") || starts_with(bytes, "GIF89a")) return Format::gif;
  // TIFF by byte order and version: 42, or 43 for BigTIFF.
  for (const std::string_view magic : {"II*\0"sv, "II+\0"sv, "MM\0*"sv, "MM\0+"sv}) {
    if (starts_with(bytes, magic)) return Format::tiff;
  }
  if (starts_with(bytes, "BM")) return Format::bmp;
  throw UserError(fmt::format("{}: {}", name, unreadable_image_reason(bytes)));
}

}  // namespace

ImageSize checked_size(uint64_t width, uint64_t height, const std::string& name) {
  if (width == 0 || height == 0) {
    throw UserError(fmt::format("{}: the picture has no pixels ({} × {}).", name, width, height));
  }
  if (width > max_pixels || height > max_pixels || width * height > max_pixels) {
    throw UserError(fmt::format("{}: {} × {} pixels are over the limit of {} million; make the picture smaller.", name,
                                width, height, max_pixels / 1'000'000));
  }
  return {static_cast<int>(width), static_cast<int>(height)};
}

void throw_damaged(const std::string& name, const char* format, const char* why) {
  throw UserError(fmt::format("{}: the {} data is damaged ({}).", name, format, why));
}

Image decode_image(std::span<const uint8_t> bytes, const std::string& name, bool* truncated) {
  bool cut_short = false;
  Image image;
  switch (format_of(bytes, name)) {
    case Format::jpeg:
      image = decode_jpeg(bytes, name, cut_short);
      break;
    case Format::png:
      image = decode_png(bytes, name, cut_short);
      break;
    case Format::webp:
      image = decode_webp(bytes, name);
      break;
    case Format::bmp:
      image = decode_bmp(bytes, name, cut_short);
      break;
    case Format::gif:
      image = decode_gif(bytes, name, cut_short);
      break;
    case Format::tiff:
      image = decode_tiff(bytes, name, cut_short);
      break;
  }
  if (truncated != nullptr) *truncated = cut_short;
  return image;
}

ImageSize image_size(std::span<const uint8_t> bytes, const std::string& name) {
  switch (format_of(bytes, name)) {
    case Format::jpeg:
      return jpeg_size(bytes, name);
    case Format::png:
      return png_size(bytes, name);
    case Format::webp:
      return webp_size(bytes, name);
    case Format::bmp:
      return bmp_size(bytes, name);
    case Format::gif:
      return gif_size(bytes, name);
    case Format::tiff:
      return tiff_size(bytes, name);
  }
  return {};
}

Image read_image(const ImageRef& image, bool* truncated) {
  return decode_image(read_encoded_image(image), printable(image.key()), truncated);
}

}  // namespace llavakd
