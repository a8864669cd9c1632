// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>
#include <optional>
#include <string_view>

namespace llavakd {

/// What people have in the place of the file they mean: what it is ("a Git LFS pointer") and the way out.
struct ForeignFile {
  std::string_view what;
  std::string_view remedy;
};

/// What a file that begins with these bytes (a few hundred are enough) is, if it is none that a model, a tokenizer or a
/// image comes in: a pointer that `git clone` left, a web page, the beginning of a download, an archive, a table, …
/// Ask before complaining of the content, and after looking for what the file should be.
std::optional<ForeignFile> foreign_file(std::string_view beginning);

/// Throws a UserError that names the file, what it is and the way out, if foreign_file() knows it.
void refuse_foreign_file(const std::filesystem::path& path, std::string_view beginning);

}  // namespace llavakd
