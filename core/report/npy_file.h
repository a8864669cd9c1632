// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>
#include <span>

namespace llavakd {

/// Writes a matrix of float32, row by row, as NumPy's format 1.0 (numpy.load), atomically.
void write_npy(const std::filesystem::path& file, std::span<const float> values, int rows, int columns);

}  // namespace llavakd
