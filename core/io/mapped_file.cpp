// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/mapped_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "core/project/errors.h"

namespace llavakd {

namespace {

/// Closes the descriptor whatever happens; the mapping doesn't need it.
struct Descriptor {
  int value;
  ~Descriptor() {
    if (value >= 0) close(value);
  }
};

}  // namespace

MappedFile::MappedFile(std::filesystem::path path, const std::byte* data, size_t size)
    : path_(std::move(path)), data_(data), size_(size) {}

MappedFile::~MappedFile() {
  if (size_ > 0) munmap(const_cast<std::byte*>(data_), size_);
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

bool is_git_lfs_pointer(std::string_view text) {
  return text.starts_with("version https://git-lfs.");
}

}  // namespace llavakd
