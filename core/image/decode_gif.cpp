// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// The first frame of a GIF ("Graphics Interchange Format, Version 89a", CompuServe 1990), with what Pillow makes of
// canvas, palette and damaged data (its GifImagePlugin and libImaging/GifDecode.c).
#include <algorithm>
#include <array>
#include <vector>

#include "core/image/image_formats.h"

namespace llavakd {
namespace {

constexpr int most_code_bits = 12;
constexpr size_t table_size = size_t{1} << most_code_bits;

struct GifFrame {
  ImageSize canvas;
  int left = 0;
  int top = 0;
  int width = 0;
  int height = 0;
  bool interlaced = false;
  std::array<Rgb, 256> palette{};
  uint8_t background = 0;  ///< Index of what the frame doesn't cover.
  int code_bits = 0;       ///< Bits of the smallest codes; one more is used.
  size_t data_at = 0;      ///< Where the data blocks begin.
};

/// Walks through the blocks of a file.
class GifFile {
 public:
  GifFile(Bytes bytes, const std::string& name) : bytes_(bytes), name_(name) {}

  GifFrame first_frame() {
    need(13);
    uint64_t width = little_endian(bytes_, 6, 2);
    uint64_t height = little_endian(bytes_, 8, 2);
    const uint8_t flags = bytes_[10];
    at_ = 13;
    GifFrame frame;
    for (size_t i = 0; i < 256; ++i) frame.palette[i] = grey(i);
    if ((flags & 0x80) != 0) read_palette(flags, frame);
    while (take() != ',') {
      const uint8_t kind = bytes_[at_ - 1];
      if (kind == ';') fail("there is no picture in it");
      if (kind == '!') read_extension(frame);
    }
    read_descriptor(frame);
    width = std::max<uint64_t>(width, frame.left + frame.width);
    height = std::max<uint64_t>(height, frame.top + frame.height);
    frame.canvas = checked_size(width, height, name_);
    if (frame.width == 0 || frame.height == 0) fail("the first frame has no pixels");
    return frame;
  }

 private:
  static Rgb grey(size_t index) {
    const auto level = static_cast<uint8_t>(index);
    return {level, level, level};
  }
  [[noreturn]] void fail(const char* why) const { throw_damaged(name_, "GIF", why); }
  void need(size_t count) const {
    if (bytes_.size() - at_ < count) fail("the file ends before its first picture");
  }
  uint8_t take() {
    need(1);
    return bytes_[at_++];
  }
  /// A data block; empty where the sequence of blocks ends.
  Bytes take_block() {
    const size_t length = take();
    need(length);
    at_ += length;
    return bytes_.subspan(at_ - length, length);
  }

  /// A palette that says that colours are their own numbers counts as none, so that the rest is grey instead of black.
  void read_palette(uint8_t flags, GifFrame& frame) {
    const size_t count = size_t{2} << (flags & 7);
    const size_t present = std::min(count, (bytes_.size() - at_) / 3);
    std::array<Rgb, 256> palette{};
    bool greys = true;
    for (size_t i = 0; i < present; ++i) {
      const uint8_t* entry = bytes_.data() + at_ + i * 3;
      palette[i] = {entry[0], entry[1], entry[2]};
      greys = greys && palette[i] == grey(i);
    }
    at_ += present * 3;
    for (size_t i = 0; i < 256; ++i) frame.palette[i] = greys ? grey(i) : palette[i];
  }

  void read_extension(GifFrame& frame) {
    constexpr uint8_t graphic_control = 0xF9;
    const uint8_t label = take();
    Bytes block = take_block();
    if (label == graphic_control && !block.empty()) {
      if (block.size() < 4) fail("a graphic control block is too short");
      if ((block[0] & 1) != 0) frame.background = block[3];
    }
    while (!block.empty()) block = take_block();
  }

  void read_descriptor(GifFrame& frame) {
    need(9);
    frame.left = static_cast<int>(little_endian(bytes_, at_, 2));
    frame.top = static_cast<int>(little_endian(bytes_, at_ + 2, 2));
    frame.width = static_cast<int>(little_endian(bytes_, at_ + 4, 2));
    frame.height = static_cast<int>(little_endian(bytes_, at_ + 6, 2));
    const uint8_t flags = bytes_[at_ + 8];
    at_ += 9;
    frame.interlaced = (flags & 0x40) != 0;
    if ((flags & 0x80) != 0) read_palette(flags, frame);
    frame.code_bits = take();
    if (frame.code_bits > most_code_bits) fail("its code size is wrong");
    frame.data_at = at_;
  }

  Bytes bytes_;
  const std::string& name_;
  size_t at_ = 0;
};

/// Codes of growing length from the data blocks. A block that isn't complete isn't read.
class CodeReader {
 public:
  CodeReader(Bytes bytes, size_t at) : bytes_(bytes), at_(at) {}

  /// -1 at the end of the data.
  int next(int code_bits) {
    while (bit_count_ < code_bits) {
      if (left_ == 0) {
        if (at_ >= bytes_.size() || bytes_.size() - at_ < size_t{1} + bytes_[at_]) return -1;
        left_ = bytes_[at_++];
        continue;
      }
      bits_ |= uint32_t{bytes_[at_++]} << bit_count_;
      bit_count_ += 8;
      --left_;
    }
    const auto code = static_cast<int>(bits_ & ((1U << code_bits) - 1));
    bits_ >>= code_bits;
    bit_count_ -= code_bits;
    return code;
  }

 private:
  Bytes bytes_;
  size_t at_;
  size_t left_ = 0;  // in this block
  uint32_t bits_ = 0;
  int bit_count_ = 0;
};

/// Where the next index goes: rows from the top, or in the four passes of an interlaced frame.
class FramePainter {
 public:
  FramePainter(const GifFrame& frame, Image& image) : frame_(frame), image_(image), step_(frame.interlaced ? 8 : 1) {}

  bool full() const { return y_ >= frame_.height; }
  bool empty() const { return x_ == 0 && y_ == 0 && pass_ == 0; }

  void put(uint8_t index) {
    const Rgb& color = frame_.palette[index];
    uint8_t* pixel = image_.row(frame_.top + y_) + static_cast<size_t>(frame_.left + x_) * 3;
    pixel[0] = color.red;
    pixel[1] = color.green;
    pixel[2] = color.blue;
    if (++x_ < frame_.width) return;
    x_ = 0;
    y_ += step_;
    while (y_ >= frame_.height && frame_.interlaced && pass_ < 3) {
      y_ = 4 >> pass_;
      step_ = 8 >> pass_;
      ++pass_;
    }
  }

 private:
  const GifFrame& frame_;
  Image& image_;
  int x_ = 0;
  int y_ = 0;
  int pass_ = 0;
  int step_;
};

/// Lempel, Ziv and Welch's codes to indices. Returns false when the data ends or breaks before the frame is full.
bool paint(const GifFrame& frame, Bytes bytes, FramePainter& painter) {
  const int clear = 1 << frame.code_bits;
  const int end = clear + 1;
  std::array<uint8_t, table_size> last{};      // last index of each string
  std::array<uint16_t, table_size> prefix{};   // code of the string before it
  std::array<uint8_t, table_size + 1> text{};  // a string, from its end
  CodeReader codes(bytes, frame.data_at);
  int code_bits = frame.code_bits + 1;
  int next = clear + 2;  // the code that the next new string gets
  int before = -1;       // the code before; -1: none since the table was cleared
  uint8_t first = 0;     // first index of the string before
  while (!painter.full()) {
    const int code = codes.next(code_bits);
    if (code < 0 || code == end) return false;
    if (code == clear) {
      code_bits = frame.code_bits + 1;
      next = clear + 2;
      before = -1;
      continue;
    }
    if (code > (before < 0 ? clear : next)) return false;
    size_t length = 0;
    int rest = code;
    if (before >= 0 && code == next) {  // the string before and its own first index
      text[length++] = first;
      rest = before;
    }
    for (; rest >= clear; rest = prefix[static_cast<size_t>(rest)]) {
      if (length >= table_size || rest >= static_cast<int>(table_size)) return false;
      text[length++] = last[static_cast<size_t>(rest)];
    }
    first = static_cast<uint8_t>(rest);
    text[length++] = first;
    while (length > 0 && !painter.full()) painter.put(text[--length]);
    if (before >= 0 && next < static_cast<int>(table_size)) {
      last[static_cast<size_t>(next)] = first;
      prefix[static_cast<size_t>(next)] = static_cast<uint16_t>(before);
      if (next == (1 << code_bits) - 1 && code_bits < most_code_bits) ++code_bits;
      ++next;
    }
    before = code;
  }
  return true;
}

}  // namespace

ImageSize gif_size(Bytes bytes, const std::string& name) {
  return GifFile(bytes, name).first_frame().canvas;
}

Image decode_gif(Bytes bytes, const std::string& name, bool& truncated) {
  const GifFrame frame = GifFile(bytes, name).first_frame();
  Image image(frame.canvas.width, frame.canvas.height);
  const Rgb background = frame.palette[frame.background];
  for (size_t i = 0; i < image.rgb.size(); i += 3) {
    image.rgb[i] = background.red;
    image.rgb[i + 1] = background.green;
    image.rgb[i + 2] = background.blue;
  }
  FramePainter painter(frame, image);
  truncated = !paint(frame, bytes, painter);
  if (truncated && painter.empty()) throw_damaged(name, "GIF", "none of its pixels can be read");
  return image;
}

}  // namespace llavakd
