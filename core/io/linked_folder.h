// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>

namespace llavakd {

/// Puts the files of `from` into the new folder `to` as well: the same files where the disk can (hard links), else
/// copies. Nobody may write to them in place. Folders and copies get the rights of new files, whatever the source's
/// are. Links to folders are followed once, but for one to a folder around it. Throws UserError for what is no ordinary
/// file, UserError or RunError where it can't be done; what is there by then stays.
void link_or_copy_folder(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace llavakd
