// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <webp/decode.h>

#include <cstring>
#include <vector>

#include "core/image/image_formats.h"

namespace llavakd {
namespace {

/// Where the image of a file is on its canvas; only animations place it elsewhere than at 0, 0.
struct WebpFrame {
  Bytes data;
  int left = 0;
  int top = 0;
};

/// The first ANMF chunk (WebP container specification, "Animation"): 16 bytes of placement, then the frame's own
/// chunks.
WebpFrame first_frame(Bytes bytes, const std::string& name) {
  size_t at = 12;
  while (bytes.size() >= at + 8) {
    const size_t length = little_endian(bytes, at + 4, 4);
    if (length > bytes.size() - at - 8) break;
    if (std::memcmp(bytes.data() + at, "ANMF", 4) == 0 && length >= 16) {
      return {bytes.subspan(at + 24, length - 16), static_cast<int>(little_endian(bytes, at + 8, 3)) * 2,
              static_cast<int>(little_endian(bytes, at + 11, 3)) * 2};
    }
    at += 8 + length + length % 2;
  }
  throw_damaged(name, "WebP", "the animation has no frame");
}

WebPBitstreamFeatures features_of(Bytes bytes, const std::string& name) {
  WebPBitstreamFeatures features{};
  if (WebPGetFeatures(bytes.data(), bytes.size(), &features) != VP8_STATUS_OK) {
    throw_damaged(name, "WebP", "the header cannot be read");
  }
  checked_size(features.width, features.height, name);
  return features;
}

Image decode_frame(Bytes bytes, const std::string& name) {
  const WebPBitstreamFeatures features = features_of(bytes, name);
  Image image(features.width, features.height);
  if (WebPDecodeRGBInto(bytes.data(), bytes.size(), image.rgb.data(), image.rgb.size(), features.width * 3) ==
      nullptr) {
    throw_damaged(name, "WebP", "the pixels cannot be read");
  }
  return image;
}

}  // namespace

ImageSize webp_size(Bytes bytes, const std::string& name) {
  const WebPBitstreamFeatures features = features_of(bytes, name);
  return {features.width, features.height};
}

Image decode_webp(Bytes bytes, const std::string& name) {
  const WebPBitstreamFeatures features = features_of(bytes, name);
  if (features.has_animation == 0) return decode_frame(bytes, name);
  const WebpFrame frame = first_frame(bytes, name);
  const ImageSize size = webp_size(frame.data, name);
  if (frame.left + size.width > features.width || frame.top + size.height > features.height) {
    throw_damaged(name, "WebP", "a frame lies outside the picture");
  }
  const Image decoded = decode_frame(frame.data, name);
  Image canvas(features.width, features.height);
  for (int y = 0; y < decoded.height; ++y) {
    std::memcpy(canvas.row(frame.top + y) + static_cast<size_t>(frame.left) * 3, decoded.row(y),
                static_cast<size_t>(decoded.width) * 3);
  }
  return canvas;
}

}  // namespace llavakd
