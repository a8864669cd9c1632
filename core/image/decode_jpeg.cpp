// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// libjpeg-turbo as Pillow drives it: accurate DCT, smooth upsampling, no EXIF rotation.
#include <csetjmp>
#include <cstdio>
#include <cstring>
// jpeglib.h needs stdio's types and says so nowhere.
#include <jpeglib.h>

#include <jerror.h>

#include <algorithm>
#include <new>
#include <vector>

#include "core/image/image_formats.h"

namespace llavakd {
namespace {

/// A progressive file may describe the same pixels in any number of scans; past this many pixels in all it is an
/// attack.
constexpr int64_t max_scanned_pixels = 4'000'000'000;
constexpr int64_t max_scans = 500;

/// libjpeg reports errors by a function that must not return. Every method that calls libjpeg sets the jump target
/// first and keeps nothing with a destructor on its frame.
class JpegReader {
 public:
  explicit JpegReader(Bytes bytes) : bytes_(bytes) {
    decoder_.err = jpeg_std_error(&errors_);
    decoder_.client_data = this;
    errors_.error_exit = [](j_common_ptr common) {
      JpegReader& self = *static_cast<JpegReader*>(common->client_data);
      common->err->format_message(common, self.message_);
      self.out_of_memory_ = common->err->msg_code == JERR_OUT_OF_MEMORY;
      std::longjmp(self.jump_, 1);
    };
    errors_.emit_message = [](j_common_ptr common, int) {
      const int code = common->err->msg_code;
      if (code == JWRN_JPEG_EOF || code == JWRN_HIT_MARKER)
        static_cast<JpegReader*>(common->client_data)->truncated_ = true;
    };
    progress_.progress_monitor = [](j_common_ptr common) {
      const auto* decoder = reinterpret_cast<j_decompress_ptr>(common);
      const int64_t pixels = static_cast<int64_t>(decoder->image_width) * decoder->image_height;
      const int64_t limit = std::clamp<int64_t>(max_scanned_pixels / pixels, 1, max_scans);
      if (decoder->input_scan_number <= limit) return;
      JpegReader& self = *static_cast<JpegReader*>(common->client_data);
      std::strcpy(self.message_, "it has too many scans");
      std::longjmp(self.jump_, 1);
    };
  }
  ~JpegReader() {
    if (created_) jpeg_destroy_decompress(&decoder_);
  }
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;

  bool read_header() {
    if (setjmp(jump_) != 0) return false;
    jpeg_create_decompress(&decoder_);
    created_ = true;
    decoder_.progress = &progress_;
    // Coefficients of a progressive picture: without a limit a header could ask for several gigabytes.
    decoder_.mem->max_memory_to_use = 1L << 30;
    jpeg_mem_src(&decoder_, bytes_.data(), static_cast<unsigned long>(bytes_.size()));
    return jpeg_read_header(&decoder_, TRUE) == JPEG_HEADER_OK;
  }

  bool start() {
    if (setjmp(jump_) != 0) return false;
    decoder_.out_color_space = has_ink() ? JCS_CMYK : JCS_RGB;
    jpeg_start_decompress(&decoder_);
    return true;
  }

  /// One row of 3 (or, of inks, 4) values a pixel.
  bool read_row(uint8_t* row) {
    if (setjmp(jump_) != 0) return false;
    return jpeg_read_scanlines(&decoder_, &row, 1) == 1;
  }

  bool has_ink() const { return decoder_.num_components == 4; }
  bool truncated() const { return truncated_; }
  uint64_t width() const { return decoder_.image_width; }
  uint64_t height() const { return decoder_.image_height; }
  bool out_of_memory() const { return out_of_memory_; }

  /// UserError: the file is damaged; unless it wasn't the file.
  [[noreturn]] void fail(const std::string& name) const {
    if (out_of_memory_) throw std::bad_alloc();
    throw_damaged(name, "JPEG", message_);
  }

 private:
  Bytes bytes_;
  jpeg_decompress_struct decoder_{};
  jpeg_error_mgr errors_{};
  jpeg_progress_mgr progress_{};
  std::jmp_buf jump_{};
  char message_[JMSG_LENGTH_MAX] = "the header is incomplete";
  bool created_ = false;
  bool truncated_ = false;
  bool out_of_memory_ = false;
};

/// For files that store 255 − ink, as Adobe's do.
void rgb_from_inverted_cmyk(const std::vector<uint8_t>& inverted, uint8_t* rgb) {
  for (size_t i = 0; i < inverted.size(); i += 4, rgb += 3) {
    const uint8_t inks[] = {static_cast<uint8_t>(255 - inverted[i]), static_cast<uint8_t>(255 - inverted[i + 1]),
                            static_cast<uint8_t>(255 - inverted[i + 2])};
    rgb_from_inks(inks, inverted[i + 3], rgb);
  }
}

ImageSize read_jpeg_size(JpegReader& reader, const std::string& name) {
  if (!reader.read_header()) reader.fail(name);
  return checked_size(reader.width(), reader.height(), name);
}

}  // namespace

ImageSize jpeg_size(Bytes bytes, const std::string& name) {
  JpegReader reader(bytes);
  return read_jpeg_size(reader, name);
}

Image decode_jpeg(Bytes bytes, const std::string& name, bool& truncated) {
  JpegReader reader(bytes);
  const ImageSize size = read_jpeg_size(reader, name);
  if (!reader.start()) reader.fail(name);
  Image image(size.width, size.height);
  std::vector<uint8_t> inks(reader.has_ink() ? static_cast<size_t>(size.width) * 4 : 0);
  for (int y = 0; y < size.height; ++y) {
    if (!reader.read_row(inks.empty() ? image.row(y) : inks.data())) {
      if (y == 0 || reader.out_of_memory()) reader.fail(name);
      truncated = true;
      return image;
    }
    if (!inks.empty()) rgb_from_inverted_cmyk(inks, image.row(y));
  }
  truncated = reader.truncated();
  return image;
}

}  // namespace llavakd
