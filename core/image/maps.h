// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <span>

#include "core/image/image.h"

namespace llavakd {

/// Colours for numbers: viridis for magnitudes, blue–white–red for signed differences.
enum class Palette { viridis, diverging };

/// A scale shared by maps that are to be compared: `low` gets the first colour, `high` the last, others in between;
/// values outside get the nearest end. `centre` is the middle colour of the diverging palette (a dark theme sets it
/// to its own background).
struct ColourScale {
  Palette palette = Palette::viridis;
  double low = 0;
  double high = 1;
  Rgb centre{247, 247, 247};
};

/// The colour of one finite value.
Rgb colour_of(double value, const ColourScale& scale);

/// Smallest and largest finite value; {0, 1} when there is none. A diverging scale wants ±max(|low|, |high|).
ColourScale scale_for(std::span<const float> values, Palette palette);

/// A matrix (row-major, rows · columns values) as an image with `cell` × `cell` pixels a value. NaN and infinities are
/// hatched in greys that no scale contains.
Image map_image(std::span<const float> values, int rows, int columns, const ColourScale& scale, int cell = 1);

/// A colour bar, `high` at the top.
Image colour_bar(const ColourScale& scale, int width, int height);

/// One row of a relation matrix laid over the image as the tower saw it (see `prepare`). `relations` holds one value
/// for each visual token; the tokens are the last of grid_rows · grid_columns patches in reading order, so a tower
/// whose first patch is dropped gives one fewer and that patch stays hatched. Opacity 0 shows the image, 1 the map.
Image overlay(const Image& source, std::span<const float> relations, int grid_rows, int grid_columns,
              const ColourScale& scale, double opacity);

/// The image shrunk (never enlarged) so that its longer side is at most `longest_side`; smooth, for the eye only.
Image thumbnail(const Image& image, int longest_side);

}  // namespace llavakd
