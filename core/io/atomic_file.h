// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>

#include "core/io/interruption.h"

namespace llavakd {

/// A file that appears whole or not at all: written as `<name>.partial` in the same folder, synced, renamed over the
/// old one, and the folder synced, as far as the file system can. Without commit() the destructor removes what was
/// written. Failures throw RunError that says what to do (disk full, no permission), a missing parent folder UserError,
/// a request to end Interrupted.
class AtomicFile {
 public:
  explicit AtomicFile(std::filesystem::path path);
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile();

  void write(std::span<const std::byte> bytes);
  void write(std::string_view text) { write(std::as_bytes(std::span(text))); }
  void commit();

 private:
  HalfMade half_made_;
  std::filesystem::path path_, partial_;
  int descriptor_ = -1;
};

/// Writes `content` to `path` by AtomicFile.
void write_file_atomically(const std::filesystem::path& path, std::string_view content);

/// Copies a file's bytes to `to` by AtomicFile. Its permissions are those of any new file: some disks take no others.
void copy_file_atomically(const std::filesystem::path& from, const std::filesystem::path& to);

/// A folder that appears whole or not at all: built as `<name>.partial/`, every file and folder in it synced, then
/// renamed. An existing folder of that name is exchanged for the new one and removed afterwards.
class AtomicFolder {
 public:
  /// Makes the empty `<folder>.partial/` (and parents); what an earlier, killed attempt left there is removed first.
  explicit AtomicFolder(std::filesystem::path folder);
  AtomicFolder(const AtomicFolder&) = delete;
  AtomicFolder& operator=(const AtomicFolder&) = delete;
  ~AtomicFolder();

  /// Where to write.
  const std::filesystem::path& partial() const { return partial_; }
  void commit();

 private:
  HalfMade half_made_;
  std::filesystem::path folder_, partial_;
  bool committed_ = false;
};

/// Removes `*.partial` entries that killed processes left directly in `folder`; returns how many there were.
int remove_leftovers(const std::filesystem::path& folder);

}  // namespace llavakd
