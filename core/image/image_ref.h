// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace llavakd {

/// An image that isn't read yet: a file of its own, or some bytes of a file that holds many. Caches, hashes and
/// messages know images by this.
struct ImageRef {
  static constexpr int64_t whole_file = -1;

  std::string file;            ///< Its path; in a Sample a name below the images folder, as the data writes it.
  int64_t offset = 0;          ///< Where its bytes begin in the file.
  int64_t bytes = whole_file;  ///< How many.

  ImageRef() = default;
  ImageRef(std::string path) : file(std::move(path)) {}                    // NOLINT: a path is an image
  ImageRef(const char* path) : file(path) {}                               // NOLINT
  ImageRef(const std::filesystem::path& path) : file(path.string()) {}     // NOLINT
  ImageRef(std::string container, int64_t first_byte, int64_t byte_count)  ///< Within a file that holds many.
      : file(std::move(container)), offset(first_byte), bytes(byte_count) {}

  bool is_file() const { return bytes == whole_file; }
  /// What tells it from all others: its path, or "PATH@offset+bytes".
  std::string key() const;

  bool operator==(const ImageRef&) const = default;
};

/// The encoded bytes of an image. Throws UserError naming it when the file is missing, no plain file, unreadable, too
/// large for a picture, or ends before the image does.
std::vector<uint8_t> read_encoded_image(const ImageRef& image);

/// SHA-256 of its bytes: of the whole file, where it is one. Throws UserError when they can't be read.
std::string content_hash(const ImageRef& image);

}  // namespace llavakd

template <>
struct std::hash<llavakd::ImageRef> {
  size_t operator()(const llavakd::ImageRef& image) const noexcept {
    return std::hash<std::string>()(image.file) ^ (std::hash<int64_t>()(image.offset) * 0x9E3779B97F4A7C15ULL);
  }
};
