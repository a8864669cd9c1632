// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <sys/stat.h>

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace llavakd {

/// A whole file mapped read-only and shared. Pages are read when touched and belong to the page cache, so that two
/// processes with the same teacher hold its weights once. Tensors keep the mapping alive by its shared_ptr.
///
/// A page that can't be read (the file was cut short, its disk or share went away) would end the process by SIGBUS, on
/// whatever thread touches it. Instead, the whole mapping becomes zeros from then on, and refuse_changed_mappings()
/// throws while it exists. A SIGBUS of any other memory goes where it went before.
class MappedFile {
 public:
  /// Throws UserError when the file is absent, a folder, or unreadable. An empty file gives an empty span.
  static std::shared_ptr<const MappedFile> open(const std::filesystem::path& path);

  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  std::span<const std::byte> bytes() const { return {data_, size_}; }
  std::string_view text() const { return {reinterpret_cast<const char*>(data_), size_}; }
  const std::filesystem::path& path() const { return path_; }

 private:
  struct Mapping;
  friend void refuse_changed_mappings();
  friend void refuse_unreadable(const void* begin, size_t size);
  friend void release_pages(const void* begin, size_t size);

  MappedFile(std::filesystem::path path, const std::byte* data, const struct stat& status);
  /// What happened to it since it was opened, or nothing.
  std::optional<std::string> change() const;

  std::filesystem::path path_;
  const std::byte* data_ = nullptr;
  size_t size_ = 0;
  struct stat opened_;          ///< As it was then.
  Mapping* mapping_ = nullptr;  ///< None for an empty file.
};

/// Throws RunError that names the first file that is still mapped and couldn't be read, or was written to since it was
/// opened. To be called before anything is kept that was computed from mapped weights: an update, a file, an answer.
/// Costs a stat() for each mapped file. A file that was replaced by another of its name goes on as it was.
void refuse_changed_mappings();

/// The same where a system call was handed this memory and couldn't read it (EFAULT).
void refuse_unreadable(const void* begin, size_t size);

/// Takes the pages of mapped files in this range out of the process's memory; they come back from the page cache when
/// they are touched again. Memory of any other kind stays as it is.
void release_pages(const void* begin, size_t size);

}  // namespace llavakd
