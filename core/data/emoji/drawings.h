// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <array>
#include <filesystem>
#include <vector>

#include "core/data/emoji/concepts.h"
#include "core/data/emoji/lanczos.h"

namespace llavakd::emoji {

inline constexpr std::array<int, 3> kSizes = {36, 40, 44};

/// One concept's drawing at the three sizes of kSizes.
using Drawing = std::array<Bitmap, kSizes.size()>;

/// The concepts' colour bitmaps from the font (CBDT, 136x128 in Noto Color Emoji), cropped to what is not transparent,
/// padded to a square and resized. Throws UserError naming the Debian package if the font isn't there, isn't a font,
/// has no colour bitmaps or lacks one of the concepts.
std::vector<Drawing> read_drawings(const std::filesystem::path& font, const std::vector<Concept>& concepts);

}  // namespace llavakd::emoji
