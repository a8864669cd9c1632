// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// libtiff for the container and the codecs; which samples make which colours is decided here, as Pillow's
// TiffImagePlugin (OPEN_INFO) decides it.
#include <fmt/format.h>
#include <tiffio.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "core/base/errors.h"
#include "core/image/image_formats.h"
#include "core/image/tiff_file.h"

namespace llavakd {
namespace {

/// Samples of the bands as 8 bits, as they are put together from strips or tiles. What is missing stays 0, as in
/// Pillow: black, the palette's first colour, or no ink.
class Samples {
 public:
  explicit Samples(const TiffLayout& layout)
      : layout_(layout),
        values_(static_cast<size_t>(layout.size.width) * static_cast<size_t>(layout.size.height) *
                static_cast<size_t>(layout.bands)) {}

  const uint8_t* pixel(int x, int y) const { return values_.data() + place(x, y); }

  /// A row of the file's samples, in this machine's byte order; `plane` is 0 where the samples are interleaved.
  void put_row(const uint8_t* row, int x, int y, int count, int plane) {
    count = std::min(count, layout_.size.width - x);
    uint8_t* out = values_.data() + place(x, y);
    const auto bands = static_cast<size_t>(layout_.bands);
    if (layout_.bits < 8) return put_packed(row, out, count);
    const auto step = static_cast<size_t>(layout_.together());
    const bool invert = layout_.photometric == PHOTOMETRIC_MINISWHITE;
    const size_t first = layout_.separate ? static_cast<size_t>(plane) : 0;
    const size_t taken = layout_.separate ? 1 : bands;
    for (size_t i = 0; i < static_cast<size_t>(count); ++i) {
      for (size_t band = 0; band < taken; ++band) {
        const uint8_t value = layout_.bits == 16 ? high_byte(row + (i * step + band) * 2) : row[i * step + band];
        out[i * bands + first + band] = invert ? static_cast<uint8_t>(255 - value) : value;
      }
    }
  }

 private:
  size_t place(int x, int y) const {
    return (static_cast<size_t>(y) * static_cast<size_t>(layout_.size.width) + static_cast<size_t>(x)) *
           static_cast<size_t>(layout_.bands);
  }
  static uint8_t high_byte(const uint8_t* sample) {
    uint16_t value = 0;
    std::memcpy(&value, sample, 2);
    return static_cast<uint8_t>(value >> 8);
  }
  /// Grey of 1, 2 or 4 bits is stretched to 8; an index stays as it is.
  void put_packed(const uint8_t* row, uint8_t* out, int count) const {
    const auto bits = static_cast<size_t>(layout_.bits);
    const int most = (1 << layout_.bits) - 1;
    for (size_t i = 0; i < static_cast<size_t>(count); ++i) {
      const int value = (row[i * bits / 8] >> (8 - bits - i * bits % 8)) & most;
      const int level = layout_.photometric == PHOTOMETRIC_MINISWHITE ? most - value : value;
      out[i] = static_cast<uint8_t>(layout_.photometric == PHOTOMETRIC_PALETTE ? value : level * 255 / most);
    }
  }

  TiffLayout layout_;
  std::vector<uint8_t> values_;
};

constexpr size_t largest_lone_tile = 16U << 20;  // Bytes: 2048 × 2048 pixels of RGBA.

/// Strips or tiles, one after another, into the samples.
class PieceReader {
 public:
  PieceReader(const TiffFile& file, const TiffLayout& layout, Samples& samples)
      : file_(file), layout_(layout), samples_(samples), tiled_(TIFFIsTiled(file.get()) != 0) {
    const int64_t row = TIFFScanlineSize64(file.get());
    uint32_t width = static_cast<uint32_t>(layout.size.width);
    uint32_t height = file.number<uint32_t>(TIFFTAG_ROWSPERSTRIP, static_cast<uint32_t>(layout.size.height));
    if (tiled_) {
      width = file.number<uint32_t>(TIFFTAG_TILEWIDTH, 0);
      height = file.number<uint32_t>(TIFFTAG_TILELENGTH, 0);
      row_bytes_ = static_cast<size_t>(std::max<int64_t>(TIFFTileRowSize64(file.get()), 0));
      checked_size(width, height, file.name() + " (a tile of it)");
    } else {
      row_bytes_ = static_cast<size_t>(std::max<int64_t>(row, 0));
      height = std::min(height, static_cast<uint32_t>(layout.size.height));
    }
    width_ = static_cast<int>(width);
    height_ = static_cast<int>(height);
    const size_t needed = (static_cast<size_t>(width_) * static_cast<size_t>(layout.together() * layout.bits) + 7) / 8;
    const bool fits =
        height_ > 0 && row_bytes_ >= needed && row_bytes_ <= TiffFile::most_bytes / static_cast<size_t>(height_);
    if (!fits) file.fail("its strips or tiles have a wrong size");
    // A small image may be in one big tile, but its file must not decide alone what is allocated.
    const size_t pixels = static_cast<size_t>(layout.size.width) * static_cast<size_t>(layout.size.height);
    const size_t usual = static_cast<size_t>(layout.bands) * ((static_cast<size_t>(layout.bits) + 7) / 8) * pixels;
    if (row_bytes_ * static_cast<size_t>(height_) > std::max(largest_lone_tile, 4 * usual))
      file.fail("its tiles are far larger than the picture");
    buffer_.resize(row_bytes_ * static_cast<size_t>(height_));
  }

  /// Returns whether something was missing.
  bool read() {
    const int planes = layout_.separate ? layout_.bands : 1;
    for (int plane = 0; plane < planes; ++plane) {
      for (int y = 0; y < layout_.size.height; y += height_) {
        for (int x = 0; x < layout_.size.width; x += width_) read_piece(x, y, plane);
      }
    }
    if (rows_read_ == 0) file_.fail("none of its pixels can be read");
    return missing_;
  }

 private:
  void read_piece(int x, int y, int plane) {
    TIFF* tiff = file_.get();
    const auto sample = static_cast<uint16_t>(plane);
    const uint32_t piece = tiled_ ? TIFFComputeTile(tiff, static_cast<uint32_t>(x), static_cast<uint32_t>(y), 0, sample)
                                  : TIFFComputeStrip(tiff, static_cast<uint32_t>(y), sample);
    const int rows = std::min(height_, layout_.size.height - y);
    const int present = layout_.compression == COMPRESSION_NONE ? copy(piece, rows) : decode(piece, rows);
    missing_ = missing_ || present < rows;
    rows_read_ += present;
    for (int row = 0; row < present; ++row) {
      samples_.put_row(buffer_.data() + static_cast<size_t>(row) * row_bytes_, x, y + row, width_, plane);
    }
  }

  int decode(uint32_t piece, int rows) {
    TIFF* tiff = file_.get();
    // A strip that says nothing about some rows must not show those of the strip before.
    std::fill(buffer_.begin(), buffer_.end(), uint8_t{0});
    const auto size = static_cast<tmsize_t>(row_bytes_ * static_cast<size_t>(tiled_ ? height_ : rows));
    const tmsize_t got = tiled_ ? TIFFReadEncodedTile(tiff, piece, buffer_.data(), size)
                                : TIFFReadEncodedStrip(tiff, piece, buffer_.data(), size);
    if (got < 0) file_.fail("the pixels cannot be read");
    return rows;
  }

  /// Rows of uncompressed pixels as far as the file has them.
  int copy(uint32_t piece, int rows) {
    const uint64_t at = TIFFGetStrileOffset(file_.get(), piece);
    const size_t left = at < file_.bytes().size() ? file_.bytes().size() - static_cast<size_t>(at) : 0;
    const int present = static_cast<int>(std::min<size_t>(static_cast<size_t>(rows), left / row_bytes_));
    const size_t size = row_bytes_ * static_cast<size_t>(present);
    if (at == 0 || size == 0) return 0;
    std::memcpy(buffer_.data(), file_.bytes().data() + at, size);
    const auto count = static_cast<tmsize_t>(size);
    if (layout_.bits == 16 && TIFFIsByteSwapped(file_.get()) != 0) {
      TIFFSwabArrayOfShort(reinterpret_cast<uint16_t*>(buffer_.data()), count / 2);
    }
    const bool reversed = file_.number<uint16_t>(TIFFTAG_FILLORDER, FILLORDER_MSB2LSB) == FILLORDER_LSB2MSB;
    if (layout_.bits <= 8 && reversed) TIFFReverseBits(buffer_.data(), count);
    return present;
  }

  const TiffFile& file_;
  const TiffLayout& layout_;
  Samples& samples_;
  bool tiled_;
  int width_ = 0;
  int height_ = 0;
  size_t row_bytes_ = 0;
  std::vector<uint8_t> buffer_;
  bool missing_ = false;
  int64_t rows_read_ = 0;
};

std::vector<Rgb> read_tiff_palette(const TiffFile& file, int bits) {
  uint16_t* red = nullptr;
  uint16_t* green = nullptr;
  uint16_t* blue = nullptr;
  if (TIFFGetField(file.get(), TIFFTAG_COLORMAP, &red, &green, &blue) != 1) file.fail("its palette is missing");
  std::vector<Rgb> palette(size_t{1} << bits);
  for (size_t i = 0; i < palette.size(); ++i) {
    palette[i] = {static_cast<uint8_t>(red[i] >> 8), static_cast<uint8_t>(green[i] >> 8),
                  static_cast<uint8_t>(blue[i] >> 8)};
  }
  return palette;
}

/// Turns the samples of one pixel into a colour.
class Colours {
 public:
  Colours(const TiffFile& file, const TiffLayout& layout) : layout_(layout) {
    if (layout.photometric == PHOTOMETRIC_PALETTE) palette_ = read_tiff_palette(file, layout.bits);
  }

  void write(const uint8_t* samples, uint8_t* rgb) const {
    if (!palette_.empty()) {
      const Rgb& color = palette_[samples[0]];
      rgb[0] = color.red;
      rgb[1] = color.green;
      rgb[2] = color.blue;
    } else if (layout_.photometric == PHOTOMETRIC_SEPARATED) {
      rgb_from_inks(samples, 255 - samples[3], rgb);
    } else if (layout_.bands == 1) {
      rgb[0] = rgb[1] = rgb[2] = samples[0];
    } else {
      const int alpha = layout_.premultiplied ? samples[3] : 255;
      for (size_t i = 0; i < 3; ++i) {
        rgb[i] = static_cast<uint8_t>(alpha == 0 ? 0 : std::min(samples[i] * 255 / alpha, 255));
      }
    }
  }

 private:
  const TiffLayout& layout_;
  std::vector<Rgb> palette_;
};

bool turns_sides(int orientation) {
  return orientation >= 5 && orientation <= 8;
}

ImageSize turned(ImageSize size, int orientation) {
  return turns_sides(orientation) ? ImageSize{size.height, size.width} : size;
}

}  // namespace

ImageSize tiff_size(Bytes bytes, const std::string& name) {
  const TiffFile file(bytes, name);
  return turned(read_tiff_size(file), file.number<uint16_t>(TIFFTAG_ORIENTATION, 1));
}

Image decode_tiff(Bytes bytes, const std::string& name, bool& truncated) {
  const TiffFile file(bytes, name);
  const TiffLayout layout = read_tiff_layout(file);
  if (layout.compression == COMPRESSION_JPEG && layout.photometric == PHOTOMETRIC_YCBCR) {
    TIFFSetField(file.get(), TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
  }
  const Colours colours(file, layout);
  Samples samples(layout);
  truncated = PieceReader(file, layout, samples).read();
  const ImageSize size = turned(layout.size, layout.orientation);
  Image image(size.width, size.height);
  // Where row 0 and column 0 are: TIFF 6.0, "Orientation".
  const int orientation = layout.orientation;
  const bool from_right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 6;
  const bool from_bottom = orientation == 3 || orientation == 4 || orientation == 7 || orientation == 8;
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      const int across = from_right ? size.width - 1 - x : x;
      const int down = from_bottom ? size.height - 1 - y : y;
      const uint8_t* pixel = turns_sides(orientation) ? samples.pixel(down, across) : samples.pixel(across, down);
      colours.write(pixel, image.row(y) + static_cast<size_t>(x) * 3);
    }
  }
  return image;
}

}  // namespace llavakd
