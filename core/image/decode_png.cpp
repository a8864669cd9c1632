// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <png.h>

#include <csetjmp>
#include <cstdlib>
#include <cstring>
#include <new>
#include <vector>

#include "core/image/image_formats.h"

namespace llavakd {
namespace {

constexpr size_t signature_bytes = 8;

uint32_t big_endian(Bytes bytes, size_t at) {
  return uint32_t{bytes[at]} << 24 | uint32_t{bytes[at + 1]} << 16 | uint32_t{bytes[at + 2]} << 8 | bytes[at + 3];
}

/// A file that ends inside a chunk of pixel data, made to end after it: libpng then uses every byte that is there,
/// instead of dropping its last read. Empty when the file doesn't end like that.
std::vector<uint8_t> close_last_chunk(Bytes bytes) {
  size_t at = signature_bytes;
  while (bytes.size() - at >= 8) {
    const size_t length = big_endian(bytes, at);
    const size_t rest = bytes.size() - at - 8;
    if (length + 4 <= rest) {
      at += 12 + length;
      continue;
    }
    if (std::memcmp(bytes.data() + at + 4, "IDAT", 4) != 0) return {};
    const size_t kept = std::min(length, rest);
    std::vector<uint8_t> closed(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(at + 8 + kept));
    for (int i = 0; i < 4; ++i) closed[at + i] = static_cast<uint8_t>(kept >> (24 - 8 * i));
    closed.insert(closed.end(), 4, 0);  // the checksum; those of pixel data aren't looked at
    return closed;
  }
  return {};
}

/// libpng reports errors by a function that must not return. Every method that calls libpng sets the jump target first
/// and keeps nothing with a destructor on its frame.
class PngReader {
 public:
  explicit PngReader(Bytes bytes) : bytes_(bytes) {
    png_ = png_create_read_struct_2(
        PNG_LIBPNG_VER_STRING, this, on_error, [](png_structp, png_const_charp) {}, this, on_malloc,
        [](png_structp, png_voidp block) { std::free(block); });
    if (png_ != nullptr) info_ = png_create_info_struct(png_);
  }
  ~PngReader() { png_destroy_read_struct(&png_, &info_, nullptr); }
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;

  /// Reads up to the pixel data and asks for rows of 8-bit RGB whatever the file holds.
  bool read_header() {
    if (png_ == nullptr || info_ == nullptr) return false;
    if (setjmp(jump_) != 0) return false;
    png_set_read_fn(png_, this, on_read);
    png_set_crc_action(png_, PNG_CRC_ERROR_QUIT, PNG_CRC_QUIET_USE);
    // Profiles and texts aren't used, and unpacking them would be work for an attacker's pleasure.
    png_set_keep_unknown_chunks(png_, PNG_HANDLE_CHUNK_NEVER, unused_chunks, sizeof(unused_chunks) / 5);
    png_set_user_limits(png_, PNG_UINT_31_MAX, PNG_UINT_31_MAX);  // png_size has refused what is too large
    png_read_info(png_, info_);
    // As Pillow: damage in pixel data is shown, not refused.
    png_set_crc_action(png_, PNG_CRC_QUIET_USE, PNG_CRC_QUIET_USE);
    png_set_strip_16(png_);
    png_set_palette_to_rgb(png_);
    png_set_expand_gray_1_2_4_to_8(png_);
    png_set_gray_to_rgb(png_);
    png_set_strip_alpha(png_);
    passes_ = png_set_interlace_handling(png_);
    return true;
  }

  /// What pixels have that the file doesn't hold: the palette's first colour, as Pillow, or black. Call it between
  /// read_header and start, which forgets the palette; it needs no jump target, as libpng's getters report no errors.
  Rgb missing_colour() const {
    png_colorp palette = nullptr;
    int count = 0;
    const bool indexed = png_get_color_type(png_, info_) == PNG_COLOR_TYPE_PALETTE;
    if (!indexed || png_get_PLTE(png_, info_, &palette, &count) == 0 || count == 0) return {};
    return {palette->red, palette->green, palette->blue};
  }

  /// True if rows will have 3 bytes a pixel.
  bool start() {
    if (setjmp(jump_) != 0) return false;
    png_read_update_info(png_, info_);
    return png_get_rowbytes(png_, info_) == size_t{png_get_image_width(png_, info_)} * 3;
  }

  bool read_row(uint8_t* row) {
    if (setjmp(jump_) != 0) return false;
    png_read_row(png_, row, nullptr);
    return true;
  }

  int passes() const { return passes_; }
  bool out_of_memory() const { return out_of_memory_; }

  /// UserError: the file is damaged; unless it wasn't the file.
  [[noreturn]] void fail(const std::string& name) const {
    if (out_of_memory_) throw std::bad_alloc();
    throw_damaged(name, "PNG", message_);
  }

 private:
  static void on_error(png_structp png, png_const_charp message) {
    PngReader& self = *static_cast<PngReader*>(png_get_error_ptr(png));
    std::strncpy(self.message_, message, sizeof(self.message_) - 1);
    std::longjmp(self.jump_, 1);
  }
  static png_voidp on_malloc(png_structp png, png_alloc_size_t size) {
    void* block = std::malloc(size);
    if (block == nullptr) static_cast<PngReader*>(png_get_mem_ptr(png))->out_of_memory_ = true;
    return block;
  }
  static void on_read(png_structp png, png_bytep out, size_t count) {
    PngReader& self = *static_cast<PngReader*>(png_get_io_ptr(png));
    if (count > self.bytes_.size() - self.position_) png_error(png, "the file ends too early");
    std::memcpy(out, self.bytes_.data() + self.position_, count);
    self.position_ += count;
  }

  static constexpr png_byte unused_chunks[] =
      "iCCP\0iTXt\0tEXt\0zTXt\0sPLT\0eXIf\0hIST\0sCAL\0pCAL\0tIME\0cHRM\0gAMA\0sRGB\0sBIT\0bKGD\0pHYs\0oFFs\0tRNS";

  Bytes bytes_;
  size_t position_ = 0;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  std::jmp_buf jump_{};
  int passes_ = 1;
  bool out_of_memory_ = false;
  char message_[96] = "the header cannot be read";
};

}  // namespace

ImageSize png_size(Bytes bytes, const std::string& name) {
  if (bytes.size() < signature_bytes + 16 || std::memcmp(bytes.data() + 12, "IHDR", 4) != 0) {
    throw_damaged(name, "PNG", "the header is incomplete");
  }
  return checked_size(big_endian(bytes, 16), big_endian(bytes, 20), name);
}

Image decode_png(Bytes bytes, const std::string& name, bool& truncated) {
  const ImageSize size = png_size(bytes, name);
  const std::vector<uint8_t> closed = close_last_chunk(bytes);
  PngReader reader(closed.empty() ? bytes : Bytes(closed));
  if (!reader.read_header()) reader.fail(name);
  const Rgb missing = reader.missing_colour();
  if (!reader.start()) reader.fail(name);
  Image image(size.width, size.height, missing);
  for (int pass = 0; pass < reader.passes(); ++pass) {
    for (int y = 0; y < size.height; ++y) {
      if (reader.read_row(image.row(y))) continue;
      if ((pass == 0 && y == 0) || reader.out_of_memory()) reader.fail(name);
      truncated = true;
      return image;
    }
  }
  return image;
}

std::vector<uint8_t> encode_png(const Image& image) {
  png_image description{};
  description.version = PNG_IMAGE_VERSION;
  description.width = static_cast<png_uint_32>(image.width);
  description.height = static_cast<png_uint_32>(image.height);
  description.format = PNG_FORMAT_RGB;
  std::vector<uint8_t> bytes(PNG_IMAGE_PNG_SIZE_MAX(description));
  png_alloc_size_t size = bytes.size();
  const int written = png_image_write_to_memory(&description, bytes.data(), &size, 0, image.rgb.data(), 0, nullptr);
  bytes.resize(written != 0 ? size : 0);
  return bytes;
}

}  // namespace llavakd
