// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/atomic_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/fs.h>
#include <stdio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "core/base/errors.h"
#include "core/io/mapped_file.h"

namespace llavakd {

namespace fs = std::filesystem;

namespace {

constexpr const char* kPartial = ".partial";

/// The system's reason and what a person can do about it.
[[noreturn]] void fail(const fs::path& path, const std::string& what, int error) {
  const std::string message = fmt::format("{} can't be {}: {}.", path.string(), what, std::strerror(error));
  if (error == EACCES || error == EPERM || error == EROFS)
    throw UserError(message + " Choose a folder that you may write to.");
  if (error == ENOSPC || error == EDQUOT || error == EFBIG)
    throw RunError(message + " Free some space, or choose another folder, and resume.");
  if (error == ENOTDIR || error == EISDIR || error == ENAMETOOLONG || error == ELOOP || error == EINVAL ||
      error == EBUSY || error == EEXIST)
    throw UserError(message + " Choose another name.");
  throw RunError(message);
}

/// What a file system answers to a call that it doesn't know, as network shares and FUSE do to fsync and to exchanging
/// two names. Renaming is still atomic there.
bool is_unknown_here(int error) {
  return error == EINVAL || error == ENOSYS || error == EOPNOTSUPP || error == EPERM;
}

fs::path with_suffix(const fs::path& path) {
  // "model/" and "model" are the same folder.
  const fs::path clean = path.has_filename() ? path : path.parent_path();
  return fs::path(clean).concat(kPartial);
}

/// Where a link leads: what it points at is replaced, and it stays.
fs::path behind_links(fs::path path) {
  if (path.empty()) throw UserError("A file or folder without a name can't be written. Choose a name.");
  std::error_code error;
  fs::path real = fs::weakly_canonical(path, error);
  return error ? path : real;
}

void sync(const fs::path& path, int flags) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | flags);
  if (descriptor < 0) fail(path, "opened", errno);
  const int result = fsync(descriptor);
  const int error = errno;
  close(descriptor);
  if (result != 0 && !is_unknown_here(error)) fail(path, "written to disk", error);
}

void sync_parent(const fs::path& path) {
  const fs::path parent = path.parent_path();
  sync(parent.empty() ? fs::path(".") : parent, O_DIRECTORY);
}

void sync_tree(const fs::path& folder) {
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_symlink()) continue;
    sync(entry.path(), entry.is_directory() ? O_DIRECTORY : 0);
  }
  sync(folder, O_DIRECTORY);
}

/// Puts `from` in the place of the existing folder `to`. Exchanging leaves no moment without a folder of that name;
/// file systems that can't exchange get two renames.
void replace_folder(const fs::path& from, const fs::path& to) {
  if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_EXCHANGE) == 0) {
    fs::remove_all(from);
    return;
  }
  if (!is_unknown_here(errno)) fail(to, "replaced", errno);
  const fs::path old = fs::path(to).concat(".old").concat(kPartial);
  fs::remove_all(old);
  if (rename(to.c_str(), old.c_str()) != 0) fail(to, "moved away", errno);
  if (rename(from.c_str(), to.c_str()) != 0) fail(to, "replaced", errno);
  fs::remove_all(old);
}

}  // namespace

AtomicFile::AtomicFile(fs::path path) : path_(behind_links(std::move(path))), partial_(with_suffix(path_)) {
  throw_if_interrupted();
  std::error_code ignored;
  const fs::path parent = path_.parent_path();
  if (!parent.empty() && !fs::is_directory(parent, ignored)) {
    throw UserError(fmt::format("{} can't be written: the folder {} doesn't exist.", path_.string(), parent.string()));
  }
  // A new file, not what a killed process or somebody else has left under that name: its rights may be wider, and a
  // link leads elsewhere.
  unlink(partial_.c_str());
  descriptor_ = open(partial_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
  if (descriptor_ < 0) fail(path_, "written", errno);
}

AtomicFile::~AtomicFile() {
  if (descriptor_ < 0) return;
  close(descriptor_);
  unlink(partial_.c_str());
}

void AtomicFile::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    throw_if_interrupted();
    const ssize_t written = ::write(descriptor_, bytes.data(), std::min<size_t>(bytes.size(), size_t{1} << 30));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      const int error = errno;
      if (error == EFAULT) refuse_unreadable(bytes.data(), bytes.size());
      fail(path_, "written", error);
    }
    bytes = bytes.subspan(static_cast<size_t>(written));
  }
}

void AtomicFile::commit() {
  throw_if_interrupted();
  if (fsync(descriptor_) != 0 && !is_unknown_here(errno)) fail(path_, "written to disk", errno);
  const int descriptor = std::exchange(descriptor_, -1);
  if (close(descriptor) != 0 || rename(partial_.c_str(), path_.c_str()) != 0) {
    const int error = errno;
    unlink(partial_.c_str());
    fail(path_, "written", error);
  }
  sync_parent(path_);
}

void write_file_atomically(const fs::path& path, std::string_view content) {
  AtomicFile file(path);
  file.write(content);
  file.commit();
}

void copy_file_atomically(const fs::path& from, const fs::path& to) {
  std::ifstream source(from, std::ios::binary);
  if (!source) fail(from, "read", errno);
  AtomicFile file(to);
  std::vector<char> block(size_t{1} << 20);
  while (source) {
    source.read(block.data(), static_cast<std::streamsize>(block.size()));
    file.write(std::string_view(block.data(), static_cast<size_t>(source.gcount())));
  }
  if (source.bad()) fail(from, "read", EIO);
  file.commit();
}

AtomicFolder::AtomicFolder(fs::path folder) : folder_(behind_links(std::move(folder))), partial_(with_suffix(folder_)) {
  if (!folder_.has_filename()) folder_ = folder_.parent_path();
  std::error_code error;
  fs::remove_all(partial_, error);
  if (!error) fs::create_directories(partial_, error);
  if (error) fail(folder_, "made", error.value());
}

AtomicFolder::~AtomicFolder() {
  std::error_code ignored;
  if (!committed_) fs::remove_all(partial_, ignored);
}

void AtomicFolder::commit() {
  throw_if_interrupted();
  try {
    sync_tree(partial_);
    std::error_code ignored;
    if (fs::exists(folder_, ignored)) {
      replace_folder(partial_, folder_);
    } else if (rename(partial_.c_str(), folder_.c_str()) != 0) {
      fail(folder_, "put in place", errno);
    }
  } catch (const fs::filesystem_error& error) {
    fail(folder_, "put in place", error.code().value());
  }
  committed_ = true;
  sync_parent(folder_);
}

int remove_leftovers(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> leftovers;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() == kPartial) leftovers.push_back(entry.path());
  }
  int removed = 0;
  for (const fs::path& path : leftovers) {
    fs::remove_all(path, error);
    if (!error) ++removed;
  }
  return removed;
}

}  // namespace llavakd
