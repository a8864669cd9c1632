// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/mapped_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <mutex>
#include <utility>

#include "core/base/errors.h"

namespace llavakd {

namespace {

/// Closes the descriptor whatever happens; the mapping doesn't need it.
struct Descriptor {
  int value;
  ~Descriptor() {
    if (value >= 0) close(value);
  }
};

/// Where files are mapped now: what must be known before pages are dropped, as other memory would lose its contents.
struct Mappings {
  std::mutex mutex;
  std::map<const std::byte*, size_t> sizes;  // By first byte.
};

Mappings& mappings() {
  static Mappings all;
  return all;
}

}  // namespace

MappedFile::MappedFile(std::filesystem::path path, const std::byte* data, size_t size)
    : path_(std::move(path)), data_(data), size_(size) {
  if (size_ == 0) return;
  const std::scoped_lock lock(mappings().mutex);
  mappings().sizes[data_] = size_;
}

MappedFile::~MappedFile() {
  if (size_ == 0) return;
  const std::scoped_lock lock(mappings().mutex);
  mappings().sizes.erase(data_);
  munmap(const_cast<std::byte*>(data_), size_);
}

void release_pages(const void* begin, size_t size) {
  const auto* first = static_cast<const std::byte*>(begin);
  const std::scoped_lock lock(mappings().mutex);
  const auto& sizes = mappings().sizes;
  auto found = sizes.upper_bound(first);
  if (found == sizes.begin()) return;
  --found;
  const auto offset = static_cast<size_t>(first - found->first);
  if (offset >= found->second) return;
  // Whole pages only; a mapping begins at one.
  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  const size_t from = (offset + page - 1) / page * page;
  const size_t to = std::min(offset + size, found->second) / page * page;
  if (from < to) madvise(const_cast<std::byte*>(found->first) + from, to - from, MADV_DONTNEED);
}

std::shared_ptr<const MappedFile> MappedFile::open(const std::filesystem::path& path) {
  // O_NONBLOCK: a named pipe in the place of a file must not make us wait for a writer.
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.value < 0) {
    throw UserError(fmt::format("{} can't be opened: {}.", path.string(), std::strerror(errno)));
  }
  struct stat status {};
  if (fstat(file.value, &status) != 0 || !S_ISREG(status.st_mode)) {
    throw UserError(fmt::format("{} is not a file.", path.string()));
  }
  const auto size = static_cast<size_t>(status.st_size);
  if (size == 0) return std::shared_ptr<const MappedFile>(new MappedFile(path, nullptr, 0));
  void* data = mmap(nullptr, size, PROT_READ, MAP_SHARED, file.value, 0);
  if (data == MAP_FAILED) {
    throw UserError(fmt::format("{} can't be mapped into memory: {}.", path.string(), std::strerror(errno)));
  }
  return std::shared_ptr<const MappedFile>(new MappedFile(path, static_cast<const std::byte*>(data), size));
}

}  // namespace llavakd
