// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/linked_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "core/base/errors.h"
#include "core/io/atomic_file.h"

namespace llavakd {

namespace fs = std::filesystem;

namespace {

void link_or_copy_file(const fs::directory_entry& from, const fs::path& to) {
  std::error_code error;
  if (!from.is_regular_file(error)) throw UserError(fmt::format("{} is not an ordinary file.", from.path().string()));
  // A hard link to a symbolic link would lead elsewhere from its new place.
  if (!from.is_symlink(error)) {
    fs::create_hard_link(from.path(), to, error);
    if (!error) return;
  }
  copy_file_atomically(from.path(), to);
}

bool is_at_or_below(const fs::path& path, const fs::path& folder) {
  return std::mismatch(folder.begin(), folder.end(), path.begin(), path.end()).first == folder.end();
}

/// A link to a folder around it has no end, and one within what another link leads to may lead back.
void refuse_endless(const fs::directory_entry& link, const fs::path& from, bool behind_link) {
  if (behind_link || is_at_or_below(fs::canonical(from), fs::canonical(link.path())))
    throw UserError(fmt::format("{} is a link to a folder that isn't followed. Put the folder itself there.",
                                link.path().string()));
}

void link_or_copy_all(const fs::path& from, const fs::path& to, bool behind_link) {
  fs::create_directories(to);
  for (const auto& entry : fs::directory_iterator(from)) {
    const fs::path copy = to / entry.path().filename();
    if (!entry.is_directory()) {
      link_or_copy_file(entry, copy);
      continue;
    }
    if (entry.is_symlink()) refuse_endless(entry, from, behind_link);
    link_or_copy_all(entry.path(), copy, behind_link || entry.is_symlink());
  }
}

}  // namespace

void link_or_copy_folder(const fs::path& from, const fs::path& to) try {
  const fs::directory_entry folder(fs::absolute(from).lexically_normal());
  const bool is_link = folder.is_symlink();
  if (is_link) refuse_endless(folder, folder.path().parent_path(), false);
  link_or_copy_all(from, to, is_link);
} catch (const fs::filesystem_error& error) {
  throw RunError(fmt::format("{} can't be copied: {}.", from.string(), error.code().message()));
}

}  // namespace llavakd
