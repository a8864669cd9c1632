// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/linked_folder.h"

#include <fmt/format.h>

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

void link_or_copy_all(const fs::path& from, const fs::path& to) {
  fs::create_directories(to);
  for (const auto& entry : fs::directory_iterator(from))
    if (entry.is_directory())
      link_or_copy_all(entry.path(), to / entry.path().filename());
    else
      link_or_copy_file(entry, to / entry.path().filename());
}

}  // namespace

void link_or_copy_folder(const fs::path& from, const fs::path& to) try {
  link_or_copy_all(from, to);
} catch (const fs::filesystem_error& error) {
  throw RunError(fmt::format("{} can't be copied: {}.", from.string(), error.code().message()));
}

}  // namespace llavakd
