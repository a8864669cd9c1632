// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <tiffio.h>

#include <cstdarg>
#include <cstdint>
#include <string>

#include "core/image/image_formats.h"

namespace llavakd {

/// libtiff on bytes in memory. Its messages end here: the first error is kept, warnings are dropped.
class TiffFile {
 public:
  TiffFile(Bytes bytes, const std::string& name);
  ~TiffFile();
  TiffFile(const TiffFile&) = delete;
  TiffFile& operator=(const TiffFile&) = delete;

  TIFF* get() const { return tiff_; }
  Bytes bytes() const { return bytes_; }
  const std::string& name() const { return name_; }

  /// A number of the directory, or what the format says where it is absent.
  template <typename Number>
  Number number(uint32_t tag, Number otherwise) const {
    Number value = otherwise;
    return TIFFGetField(tiff_, tag, &value) == 1 ? value : otherwise;
  }

  /// UserError: the file is damaged.
  [[noreturn]] void fail(const char* why) const;
  /// UserError: it has something that isn't read.
  [[noreturn]] void refuse(const std::string& what) const;

  /// What libtiff may allocate at once, and a tile's or strip's own size.
  static constexpr int64_t most_bytes = int64_t{1} << 29;

 private:
  static int on_error(TIFF*, void* user, const char*, const char* format, va_list arguments);
  static tmsize_t on_read(thandle_t handle, void* out, tmsize_t count);
  static toff_t on_seek(thandle_t handle, toff_t offset, int whence);
  static toff_t on_size(thandle_t handle);

  Bytes bytes_;
  const std::string& name_;
  size_t position_ = 0;
  char message_[160] = "";
  TIFF* tiff_ = nullptr;
};

/// What the directory says about the samples.
struct TiffLayout {
  ImageSize size;  ///< As stored, before it is turned.
  int orientation = 1;
  int photometric = 0;
  int compression = COMPRESSION_NONE;
  int bits = 1;
  int samples = 1;  ///< Samples per pixel in the file.
  int bands = 1;  ///< Those of them that count: grey or index 1, RGB 3 (4 with an alpha it was multiplied by), inks 4.
  bool separate = false;  ///< Each sample in a plane of its own.
  bool premultiplied = false;

  /// Samples of a pixel that are adjacent.
  int together() const { return separate ? 1 : samples; }
};

/// The image's sides as stored. Throws UserError where they are none or too many.
ImageSize read_tiff_size(const TiffFile& file);

/// Throws UserError for samples, colours and compressions that aren't read.
TiffLayout read_tiff_layout(const TiffFile& file);

}  // namespace llavakd
