// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Windows and OS/2 bitmaps ("Bitmap Storage" of the Windows API reference), read as Pillow's BmpImagePlugin reads them:
// 1, 4, 8, 16, 24 and 32 bits a pixel, run-length coding, bit fields, rows in either order.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "core/base/errors.h"
#include "core/image/image_formats.h"

namespace llavakd {
namespace {

constexpr size_t file_header_bytes = 14;

enum Compression : uint32_t { raw = 0, run_length_8 = 1, run_length_4 = 2, bit_fields = 3 };

/// A colour channel of a 16 or 32-bit pixel; a mask of 0 gives 0.
struct Channel {
  uint32_t mask = 0;
  int shift = 0;
  uint32_t most = 1;

  explicit Channel(uint32_t bits = 0) : mask(bits) {
    while (mask != 0 && ((mask >> shift) & 1) == 0) ++shift;
    if (mask != 0) most = mask >> shift;
  }
  uint8_t value(uint32_t pixel) const { return static_cast<uint8_t>(((pixel & mask) >> shift) * 255 / most); }
};

struct Bitmap {
  ImageSize size;
  bool top_down = false;
  uint32_t bits = 0;  ///< Bits per pixel.
  uint32_t compression = raw;
  size_t pixels_at = 0;  ///< Where the rows begin.
  std::array<Rgb, 256> palette{};
  std::array<Channel, 3> channels{Channel(0x7C00), Channel(0x3E0), Channel(0x1F)};

  size_t row_bytes() const { return (static_cast<size_t>(size.width) * bits + 31) / 32 * 4; }
  /// The image's row that the file's row `row` is.
  int place_of(int row) const { return top_down ? row : size.height - 1 - row; }
};

void read_bmp_size(Bytes bytes, const std::string& name, bool old_header, Bitmap& bitmap) {
  if (old_header) {
    bitmap.size = checked_size(little_endian(bytes, 18, 2), little_endian(bytes, 20, 2), name);
    bitmap.bits = little_endian(bytes, 24, 2);
    return;
  }
  // A negative height says that the top row comes first.
  const uint32_t height = little_endian(bytes, 22, 4);
  bitmap.top_down = bytes[25] == 0xFF;
  bitmap.size = checked_size(little_endian(bytes, 18, 4), bitmap.top_down ? 0 - height : height, name);
  bitmap.bits = little_endian(bytes, 28, 2);
  bitmap.compression = little_endian(bytes, 30, 4);
}

/// The layouts that Pillow knows (SUPPORTED in its plugin), as red, green and blue.
void read_masks(Bytes bytes, const std::string& name, Bitmap& bitmap) {
  if (bytes.size() < 66) throw_damaged(name, "BMP", "the bit fields are missing");
  const std::array<uint32_t, 3> masks{little_endian(bytes, 54, 4), little_endian(bytes, 58, 4),
                                      little_endian(bytes, 62, 4)};
  using Masks = std::array<uint32_t, 3>;
  const bool none = masks == Masks{0, 0, 0};
  const bool known = bitmap.bits == 16   ? masks == Masks{0xF800, 0x7E0, 0x1F} || masks == Masks{0x7C00, 0x3E0, 0x1F}
                     : bitmap.bits == 24 ? masks == Masks{0xFF0000, 0xFF00, 0xFF}
                     : bitmap.bits == 32
                         ? none || masks == Masks{0xFF0000, 0xFF00, 0xFF} ||
                               masks == Masks{0xFF000000, 0xFF0000, 0xFF00} ||
                               masks == Masks{0xFF000000, 0xFF00, 0xFF} || masks == Masks{0xFF, 0xFF00, 0xFF0000}
                         : false;
  if (!known) {
    throw UserError(
        fmt::format("{}: the bit fields {:X}, {:X} and {:X} of this BMP picture are unusual and can't be "
                    "read; save it with 24 bits a pixel.",
                    name, masks[0], masks[1], masks[2]));
  }
  if (none) return;
  for (size_t i = 0; i < 3; ++i) bitmap.channels[i] = Channel(masks[i]);
}

/// Colours that the file doesn't list are black.
void read_bmp_palette(Bytes bytes, const std::string& name, size_t at, size_t entry_bytes, uint32_t colors,
                      Bitmap& bitmap) {
  if (colors > 256) throw_damaged(name, "BMP", "its palette has more than 256 colours");
  for (size_t i = 0; i < colors && at + (i + 1) * entry_bytes <= bytes.size(); ++i) {
    const size_t entry = at + i * entry_bytes;
    bitmap.palette[i] = {bytes[entry + 2], bytes[entry + 1], bytes[entry]};
  }
}

Bitmap read_bitmap(Bytes bytes, const std::string& name) {
  if (bytes.size() < file_header_bytes + 12) throw_damaged(name, "BMP", "the header is incomplete");
  Bitmap bitmap;
  const size_t header = little_endian(bytes, 14, 4);
  const bool old_header = header == 12;
  static constexpr std::array<size_t, 7> known_headers{12, 40, 52, 56, 64, 108, 124};
  if (std::find(known_headers.begin(), known_headers.end(), header) == known_headers.end()) {
    throw_damaged(name, "BMP", "its header is of an unknown kind");
  }
  if (bytes.size() < file_header_bytes + header) throw_damaged(name, "BMP", "the header is incomplete");
  read_bmp_size(bytes, name, old_header, bitmap);
  if (bitmap.bits == 32 || bitmap.bits == 24) {
    bitmap.channels = {Channel(0xFF0000), Channel(0xFF00), Channel(0xFF)};
  }
  size_t colors = old_header ? 0 : little_endian(bytes, 46, 4);
  const bool paletted = bitmap.bits == 1 || bitmap.bits == 4 || bitmap.bits == 8;
  if (!paletted && bitmap.bits != 16 && bitmap.bits != 24 && bitmap.bits != 32) {
    throw UserError(fmt::format("{}: a BMP picture of {} bits a pixel can't be read.", name, bitmap.bits));
  }
  const bool runs = bitmap.compression == run_length_8 || bitmap.compression == run_length_4;
  if (bitmap.compression > bit_fields || (runs && !paletted) || (bitmap.compression == bit_fields && paletted)) {
    throw UserError(fmt::format("{}: the compression {} of this BMP picture can't be read.", name, bitmap.compression));
  }
  if (bitmap.compression == bit_fields) read_masks(bytes, name, bitmap);
  size_t header_end = file_header_bytes + header;
  bitmap.pixels_at = little_endian(bytes, 10, 4);
  if (paletted) {
    if (colors == 0) colors = size_t{1} << bitmap.bits;
    const size_t entry_bytes = old_header ? 3 : 4;
    read_bmp_palette(bytes, name, header_end, entry_bytes, static_cast<uint32_t>(colors), bitmap);
    // Some writers forget the palette when they say where the pixels are.
    if (bitmap.pixels_at == header_end) bitmap.pixels_at += entry_bytes * colors;
    header_end += entry_bytes * colors;
  } else if (bitmap.compression == bit_fields && header == 40) {
    header_end += 12;  // the masks follow the header
  }
  if (bitmap.pixels_at == 0) bitmap.pixels_at = header_end;
  return bitmap;
}

void read_row(const Bitmap& bitmap, const uint8_t* row, uint8_t* rgb) {
  const uint32_t bits = bitmap.bits;
  for (int x = 0; x < bitmap.size.width; ++x, rgb += 3) {
    if (bits <= 8) {
      const size_t at = static_cast<size_t>(x) * bits;
      const uint32_t index = (row[at / 8] >> (8 - bits - at % 8)) & ((1U << bits) - 1);
      const Rgb& color = bitmap.palette[index];
      rgb[0] = color.red;
      rgb[1] = color.green;
      rgb[2] = color.blue;
    } else {
      const size_t pixel_bytes = bits / 8;
      const uint32_t pixel = little_endian(Bytes(row + x * pixel_bytes, pixel_bytes), 0, pixel_bytes);
      for (size_t channel = 0; channel < 3; ++channel) rgb[channel] = bitmap.channels[channel].value(pixel);
    }
  }
}

/// Palette indices from runs, row by row in the file's order; an escape may skip pixels, which stay 0.
class RunReader {
 public:
  RunReader(const Bitmap& bitmap, Bytes bytes)
      : bytes_(bytes),
        at_(bitmap.pixels_at),
        width_(static_cast<size_t>(bitmap.size.width)),
        four_bits_(bitmap.compression == run_length_4),
        indices_(width_ * static_cast<size_t>(bitmap.size.height)) {}

  /// False when the runs end before the image does.
  bool read() {
    while (done_ < indices_.size()) {
      if (at_ + 2 > bytes_.size()) return false;
      const size_t count = bytes_[at_];
      const uint8_t value = bytes_[at_ + 1];
      at_ += 2;
      if (count > 0) {
        repeat(count, value);
      } else if (value == 0) {
        end_line();
      } else if (value == 1 || (value == 2 && !skip()) || (value > 2 && !copy(value))) {
        break;
      }
    }
    return done_ >= indices_.size();
  }

  const std::vector<uint8_t>& indices() const { return indices_; }

 private:
  void put(uint8_t index) {
    if (done_ < indices_.size()) indices_[done_] = index;
    ++done_;
  }
  void repeat(size_t count, uint8_t value) {
    // What would reach over the row's end is dropped.
    count = column_ + count > width_ ? width_ - std::min(column_, width_) : count;
    for (size_t i = 0; i < count; ++i) {
      put(!four_bits_ ? value : static_cast<uint8_t>(i % 2 == 0 ? value >> 4 : value & 15));
    }
    column_ += count;
  }
  void end_line() {
    done_ = (done_ + width_ - 1) / width_ * width_;
    column_ = 0;
  }
  bool skip() {
    if (at_ + 2 > bytes_.size()) return false;
    done_ = std::min(indices_.size(), done_ + bytes_[at_] + bytes_[at_ + 1] * width_);
    at_ += 2;
    column_ = done_ % width_;
    return true;
  }
  bool copy(size_t count) {
    const size_t wanted = std::min(indices_.size() - done_, count);
    const size_t length = four_bits_ ? (wanted + 1) / 2 : wanted;
    if (at_ + length > bytes_.size()) return false;
    for (size_t i = 0; i < wanted; ++i) {
      const uint8_t value = bytes_[at_ + (four_bits_ ? i / 2 : i)];
      put(!four_bits_ ? value : static_cast<uint8_t>(i % 2 == 0 ? value >> 4 : value & 15));
    }
    at_ += length;
    column_ += count;
    if (at_ % 2 != 0) ++at_;  // runs begin at even places
    return true;
  }

  Bytes bytes_;
  size_t at_;
  size_t width_;
  bool four_bits_;
  size_t done_ = 0;
  size_t column_ = 0;
  std::vector<uint8_t> indices_;
};

Image decode_runs(const Bitmap& bitmap, Bytes bytes, const std::string& name) {
  RunReader reader(bitmap, bytes);
  if (!reader.read()) throw_damaged(name, "BMP", "the runs end too early");
  Image image(bitmap.size.width, bitmap.size.height);
  Bitmap bytewise = bitmap;
  bytewise.bits = 8;
  for (int row = 0; row < bitmap.size.height; ++row) {
    read_row(bytewise, reader.indices().data() + static_cast<size_t>(row) * bitmap.size.width,
             image.row(bitmap.place_of(row)));
  }
  return image;
}

}  // namespace

ImageSize bmp_size(Bytes bytes, const std::string& name) {
  return read_bitmap(bytes, name).size;
}

Image decode_bmp(Bytes bytes, const std::string& name, bool& truncated) {
  const Bitmap bitmap = read_bitmap(bytes, name);
  if (bitmap.compression == run_length_8 || bitmap.compression == run_length_4) return decode_runs(bitmap, bytes, name);
  const size_t row_bytes = bitmap.row_bytes();
  const size_t used_bytes = (static_cast<size_t>(bitmap.size.width) * bitmap.bits + 7) / 8;
  if (bitmap.pixels_at > bytes.size() || bytes.size() - bitmap.pixels_at < used_bytes) {
    throw_damaged(name, "BMP", "the file ends before the pixels");
  }
  Image image(bitmap.size.width, bitmap.size.height);
  if (bitmap.bits <= 8) {  // rows that are missing have the palette's first colour
    const Rgb first = bitmap.palette[0];
    for (size_t i = 0; i < image.rgb.size(); i += 3) {
      image.rgb[i] = first.red;
      image.rgb[i + 1] = first.green;
      image.rgb[i + 2] = first.blue;
    }
  }
  for (int row = 0; row < bitmap.size.height; ++row) {
    const size_t at = bitmap.pixels_at + static_cast<size_t>(row) * row_bytes;
    if (at + used_bytes > bytes.size()) {
      truncated = true;
      break;
    }
    read_row(bitmap, bytes.data() + at, image.row(bitmap.place_of(row)));
  }
  return image;
}

}  // namespace llavakd
