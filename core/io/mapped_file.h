// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>

namespace llavakd {

/// A whole file mapped read-only and shared. Pages are read when touched and belong to the page cache, so that two
/// processes with the same teacher hold its weights once. Tensors keep the mapping alive by its shared_ptr.
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
  MappedFile(std::filesystem::path path, const std::byte* data, size_t size);

  std::filesystem::path path_;
  const std::byte* data_ = nullptr;
  size_t size_ = 0;
};

/// Takes the pages of mapped files in this range out of the process's memory; they come back from the page cache when
/// they are touched again. Memory of any other kind stays as it is.
void release_pages(const void* begin, size_t size);

}  // namespace llavakd
