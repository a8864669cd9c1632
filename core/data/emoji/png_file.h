// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <vector>

namespace llavakd::emoji {

/// Writes [height][width][3] bytes as an 8-bit RGB PNG. Throws RunError if the file can't be written.
void write_png(const std::filesystem::path& path, const std::vector<uint8_t>& rgb, int width, int height);

}  // namespace llavakd::emoji
