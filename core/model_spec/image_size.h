// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>

#include "core/model_spec/model_config.h"

namespace llavakd {

/// Sets the image size of a DINOv2 tower where it isn't that of its stored positions, which are then resized:
/// facebook/dinov2-* keep positions for 518 pixels, while their processor cuts out 224. The size is that of `crop_size`
/// in the folder's preprocessor_config.json; without the file, published towers (518) use 224. Other towers
/// stay as they are. Throws UserError for a file that isn't JSON, and for a size that isn't a multiple of the patches'.
void set_image_size(VisionConfig& vision, const std::filesystem::path& folder);

}  // namespace llavakd
