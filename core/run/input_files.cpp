// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/input_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "core/base/printable.h"
#include "core/base/sha256.h"

namespace llavakd {
namespace {

/// A file that is open for reading, or isn't.
class OpenFile {
 public:
  /// A named pipe in the place of a file must not wait for a writer.
  explicit OpenFile(const std::filesystem::path& path)
      : descriptor_(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() {
    if (descriptor_ >= 0) close(descriptor_);
  }

  /// -1 of what is no plain file.
  int64_t size() const {
    struct stat status {};
    return descriptor_ >= 0 && fstat(descriptor_, &status) == 0 && S_ISREG(status.st_mode) ? status.st_size : -1;
  }
  /// Adds `bytes` from `offset` on; false where the file ends before or can't be read.
  bool add_to(Sha256& hash, int64_t offset, int64_t bytes, const std::function<bool()>& stop) const {
    std::vector<char> buffer(static_cast<size_t>(std::min(bytes, int64_t{1} << 20)));
    while (bytes > 0) {
      if (stop && stop()) return false;
      const size_t most = std::min(buffer.size(), static_cast<size_t>(bytes));
      const ssize_t got = pread(descriptor_, buffer.data(), most, offset);
      if (got <= 0) return false;
      hash.add({buffer.data(), static_cast<size_t>(got)});
      offset += got;
      bytes -= got;
    }
    return true;
  }

 private:
  int descriptor_;
};

}  // namespace

std::string input_key(const InputFiles& inputs, const std::filesystem::path& path) {
  const std::string &whole = path.native(), &folder = inputs.project_folder.native();
  const bool inside = whole.size() > folder.size() && whole.starts_with(folder) && whole[folder.size()] == '/';
  return printable(inside ? std::string_view(whole).substr(folder.size() + 1) : whole, whole.size() * 4);
}

InputState read_input_state(const std::filesystem::path& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return {.bytes = InputState::absent, .modified = InputState::absent};
  constexpr int64_t second = 1'000'000'000;
  return {.bytes = status.st_size, .modified = status.st_mtim.tv_sec * second + status.st_mtim.tv_nsec};
}

std::string hash_of_input(const InputFile& file, const std::function<bool()>& stop) {
  constexpr int64_t end = 16 << 10;
  const OpenFile open(file.path);
  const int64_t bytes = open.size();
  if (bytes < 0) return {};
  Sha256 hash;
  if (!file.is_image || bytes <= 2 * end) return open.add_to(hash, 0, bytes, stop) ? hash.finish() : std::string();
  hash.add(std::to_string(bytes));
  if (!open.add_to(hash, 0, end, stop) || !open.add_to(hash, bytes - end, end, stop)) return {};
  return hash.finish();
}

}  // namespace llavakd
