// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "core/image/processor.h"

namespace llavakd {

/// The processor that a model's images go through: what the folder that brought the tower says, or where it says
/// nothing the usual one of such a tower. Throws UserError, also when its images aren't of the tower's
/// size.
ImageProcessor processor_of_folder(const std::filesystem::path& folder, std::string_view model_type,
                                   int64_t image_size);

/// The processor in words, parts between semicolons: "384 × 384; stretched; bicubic; mean 0.5 0.5 0.5; std 0.5 0.5
/// 0.5". Two processors have the same text exactly if they are equal.
std::string processor_text(const ImageProcessor& processor);

}  // namespace llavakd
