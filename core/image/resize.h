// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/image/image.h"

namespace llavakd {

/// Pillow's antialiased filters that image processors ask for (`resample` 2, 3 and 1 in preprocessor_config.json).
enum class ResampleFilter { bilinear, bicubic, lanczos };

/// Resizes exactly as `Image.resize` of Pillow 13 does, bit for bit (libImaging/Resample.c): separable, the filter's
/// support widened when shrinking, weights rounded to 22-bit fixed point, 8-bit values between the passes; the width
/// first, or the height when that shrinks much more. Width and height must be positive. No OpenCV resize gives these
/// values.
Image resize(const Image& image, int width, int height, ResampleFilter filter = ResampleFilter::bicubic);

/// The image in the middle of a square of its longer side, rest filled: `expand2square` of LLaVA.
/// Throws UserError when that square has more than max_pixels.
Image pad_to_square(const Image& image, Rgb background);

/// The centre window of an image; what is outside the image is black (Hugging Face `center_crop`).
Image center_crop(const Image& image, int width, int height);

}  // namespace llavakd
