// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/tiff_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <memory>
#include <new>

#include "core/base/errors.h"

namespace llavakd {
namespace {

/// More samples a pixel than Pillow reads.
constexpr int most_samples = 6;

tmsize_t ignore_write(thandle_t, void*, tmsize_t) {
  return 0;
}

int ignore_close(thandle_t) {
  return 0;
}

bool supported_codec(int compression) {
  static constexpr int known[] = {COMPRESSION_NONE,          COMPRESSION_CCITTRLE, COMPRESSION_CCITTFAX3,
                                  COMPRESSION_CCITTFAX4,     COMPRESSION_LZW,      COMPRESSION_JPEG,
                                  COMPRESSION_ADOBE_DEFLATE, COMPRESSION_DEFLATE,  COMPRESSION_PACKBITS,
                                  COMPRESSION_LZMA,          COMPRESSION_ZSTD};
  return std::find(std::begin(known), std::end(known), compression) != std::end(known) &&
         TIFFIsCODECConfigured(static_cast<uint16_t>(compression)) == 1;
}

/// Whether the samples are colours times the first extra one.
bool has_premultiplied_alpha(const TiffFile& file) {
  uint16_t count = 0;
  uint16_t* kinds = nullptr;
  return TIFFGetField(file.get(), TIFFTAG_EXTRASAMPLES, &count, &kinds) == 1 && count > 0 && kinds != nullptr &&
         kinds[0] == EXTRASAMPLE_ASSOCALPHA;
}

void check_samples(const TiffFile& file, const TiffLayout& layout) {
  const int photometric = layout.photometric;
  const bool grey = photometric == PHOTOMETRIC_MINISWHITE || photometric == PHOTOMETRIC_MINISBLACK;
  const bool index = photometric == PHOTOMETRIC_PALETTE;
  if (!grey && !index && photometric != PHOTOMETRIC_RGB && photometric != PHOTOMETRIC_SEPARATED &&
      !(photometric == PHOTOMETRIC_YCBCR && layout.compression == COMPRESSION_JPEG && !layout.separate)) {
    file.refuse(fmt::format("colours of kind {} (PhotometricInterpretation)", photometric));
  }
  const int format = file.number<uint16_t>(TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT);
  if (format != SAMPLEFORMAT_UINT && !(grey && format == SAMPLEFORMAT_INT && layout.bits == 8)) {
    file.refuse("signed or floating-point samples");
  }
  const bool whole_bytes = layout.bits == 8 || (layout.bits == 16 && !index);
  const bool packed =
      (grey || index) && layout.samples == 1 && (layout.bits == 1 || layout.bits == 2 || layout.bits == 4);
  if (!whole_bytes && !packed) file.refuse(fmt::format("{} samples of {} bits", layout.samples, layout.bits));
  if (layout.bits == 16 && photometric == PHOTOMETRIC_MINISWHITE) file.refuse("16-bit grey from white to black");
  if (layout.samples < layout.bands || layout.samples > most_samples) {
    file.refuse(fmt::format("{} samples a pixel", layout.samples));
  }
}

}  // namespace

TiffFile::TiffFile(Bytes bytes, const std::string& name) : bytes_(bytes), name_(name) {
  const std::unique_ptr<TIFFOpenOptions, void (*)(TIFFOpenOptions*)> options(TIFFOpenOptionsAlloc(),
                                                                             TIFFOpenOptionsFree);
  if (!options) throw std::bad_alloc();
  TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), most_bytes);
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), on_error, this);
  TIFFOpenOptionsSetWarningHandlerExtR(
      options.get(), [](TIFF*, void*, const char*, const char*, va_list) { return 1; }, nullptr);
  // "m": the bytes are not mapped by libtiff.
  tiff_ = TIFFClientOpenExt("picture", "rm", this, on_read, ignore_write, on_seek, ignore_close, on_size, nullptr,
                            nullptr, options.get());
  if (tiff_ == nullptr) fail("the header cannot be read");
}

TiffFile::~TiffFile() {
  if (tiff_ != nullptr) TIFFClose(tiff_);
}

void TiffFile::fail(const char* why) const {
  throw_damaged(name_, "TIFF", message_[0] != 0 ? message_ : why);
}

void TiffFile::refuse(const std::string& what) const {
  throw UserError(
      fmt::format("{}: a TIFF picture with {} can't be read; save it as 8-bit RGB, or as PNG.", name_, what));
}

int TiffFile::on_error(TIFF*, void* user, const char*, const char* format, va_list arguments) {
  auto& self = *static_cast<TiffFile*>(user);
  if (self.message_[0] == 0) std::vsnprintf(self.message_, sizeof(self.message_), format, arguments);
  return 1;
}

tmsize_t TiffFile::on_read(thandle_t handle, void* out, tmsize_t count) {
  auto& self = *static_cast<TiffFile*>(handle);
  const size_t left = self.position_ < self.bytes_.size() ? self.bytes_.size() - self.position_ : 0;
  const size_t taken = std::min(left, static_cast<size_t>(std::max<tmsize_t>(count, 0)));
  if (taken > 0) std::memcpy(out, self.bytes_.data() + self.position_, taken);
  self.position_ += taken;
  return static_cast<tmsize_t>(taken);
}

toff_t TiffFile::on_seek(thandle_t handle, toff_t offset, int whence) {
  auto& self = *static_cast<TiffFile*>(handle);
  const size_t base = whence == SEEK_CUR ? self.position_ : whence == SEEK_END ? self.bytes_.size() : 0;
  self.position_ = base + offset;
  return self.position_;
}

toff_t TiffFile::on_size(thandle_t handle) {
  return static_cast<TiffFile*>(handle)->bytes_.size();
}

ImageSize read_tiff_size(const TiffFile& file) {
  return checked_size(file.number<uint32_t>(TIFFTAG_IMAGEWIDTH, 0), file.number<uint32_t>(TIFFTAG_IMAGELENGTH, 0),
                      file.name());
}

TiffLayout read_tiff_layout(const TiffFile& file) {
  TiffLayout layout;
  layout.size = read_tiff_size(file);
  layout.orientation = file.number<uint16_t>(TIFFTAG_ORIENTATION, 1);
  layout.photometric = file.number<uint16_t>(TIFFTAG_PHOTOMETRIC, 0);
  layout.compression = file.number<uint16_t>(TIFFTAG_COMPRESSION, COMPRESSION_NONE);
  layout.bits = file.number<uint16_t>(TIFFTAG_BITSPERSAMPLE, 1);
  layout.samples = file.number<uint16_t>(TIFFTAG_SAMPLESPERPIXEL, 1);
  layout.separate = file.number<uint16_t>(TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG) == PLANARCONFIG_SEPARATE;
  if (layout.samples == 1) layout.separate = false;
  if (!supported_codec(layout.compression)) {
    file.refuse(fmt::format("compression {}", layout.compression));
  }
  const bool colour = layout.photometric == PHOTOMETRIC_RGB || layout.photometric == PHOTOMETRIC_YCBCR;
  layout.premultiplied = has_premultiplied_alpha(file);
  layout.bands = layout.photometric == PHOTOMETRIC_SEPARATED ? 4 : colour ? 3 : 1;
  if (layout.premultiplied && layout.bands != 3) file.refuse("colours multiplied by their opacity");
  layout.bands += layout.premultiplied ? 1 : 0;
  check_samples(file, layout);
  return layout;
}

}  // namespace llavakd
