// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/image_ref.h"

#include <fmt/format.h>

#include <fstream>

#include "core/base/errors.h"
#include "core/base/printable.h"
#include "core/base/sha256.h"

namespace llavakd {
namespace {

constexpr uintmax_t max_file_bytes = uintmax_t{1} << 30;

/// The file's size. Throws UserError for what is no plain file: a pipe or device would never end, and a folder gives
/// odd messages.
uintmax_t size_of_plain_file(const std::filesystem::path& path, const std::string& name) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) throw UserError(fmt::format("{}: there is no such picture.", name));
  if (!std::filesystem::is_regular_file(path, error)) throw UserError(fmt::format("{}: this is not a file.", name));
  const uintmax_t size = std::filesystem::file_size(path, error);
  if (error) throw UserError(fmt::format("{}: cannot be read ({}).", name, error.message()));
  return size;
}

}  // namespace

std::string ImageRef::key() const {
  return is_file() ? file : fmt::format("{}@{}+{}", file, offset, bytes);
}

std::vector<uint8_t> read_encoded_image(const ImageRef& image) {
  const std::string name = printable(image.key());
  const uintmax_t in_file = size_of_plain_file(image.file, name);
  if (!image.is_file() && (image.offset < 0 || image.bytes < 0 || static_cast<uintmax_t>(image.offset) > in_file ||
                           static_cast<uintmax_t>(image.bytes) > in_file - static_cast<uintmax_t>(image.offset)))
    throw UserError(fmt::format("{}: the file has {} bytes, so the picture isn't in it.", name, in_file));
  const uintmax_t size = image.is_file() ? in_file : static_cast<uintmax_t>(image.bytes);
  if (size > max_file_bytes)
    throw UserError(fmt::format("{}: a file of {} MiB is too large for a picture.", name, size >> 20));
  // Read rather than mapped: a file that someone shortens meanwhile must not end the program.
  std::vector<uint8_t> bytes(size);
  std::ifstream file(image.file, std::ios::binary);
  if (image.offset > 0) file.seekg(image.offset);
  file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size));
  if (!file && file.gcount() == 0 && size > 0)
    throw UserError(fmt::format("{}: cannot be read; check its permissions.", name));
  bytes.resize(static_cast<size_t>(file.gcount()));
  return bytes;
}

std::string content_hash(const ImageRef& image) {
  if (image.is_file()) return sha256_of_file(image.file);
  const std::vector<uint8_t> bytes = read_encoded_image(image);
  return sha256({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace llavakd
