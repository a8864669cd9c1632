// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>
#include <string_view>

namespace llavakd {

/// Throws UserError when what was given as a data file is none, but something that is known by its first bytes
/// (Parquet, Arrow, an archive, a web page, a Git LFS pointer, a table …), empty, or a folder: the message names it and
/// the way out.
void refuse_other_formats(const std::filesystem::path& path, std::string_view text);
void refuse_folder(const std::filesystem::path& path);

/// Throws UserError where the text, which begins with '{', is one object rather than a sample on each line.
void refuse_one_object(const std::filesystem::path& path, std::string_view text);

}  // namespace llavakd
