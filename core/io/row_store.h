// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace llavakd {

/// A cache on disk: bytes by key in one file that only grows. Whatever is wrong with the file, its entries are just
/// missing: a checksum guards each, a cut-off end (a killed process, a full disk) is dropped, a foreign file or one of
/// another identity is left alone. Entries are read with pread: a mapping would crash where another process
/// shortens the file. One process at a time may append; others read what was there. May be used by several threads.
///
/// File: 128 bytes "llavakd-rows 1\n" + identity, zero-padded; then entries of 128 bytes "entry\n", key (64
/// characters), size (8 bytes, little-endian), the first 32 characters of SHA-256(key, size, payload), zero-padded; and
/// the payload.
class RowStore {
 public:
  /// `identity`: SHA-256 of everything that all entries depend on. Never throws for the file's sake.
  RowStore(std::filesystem::path file, std::string_view identity);
  ~RowStore();
  RowStore(const RowStore&) = delete;
  RowStore& operator=(const RowStore&) = delete;

  /// Reads an entry of just this size. False where there is none, or a damaged one, which is then forgotten. `key`:
  /// SHA-256 in hexadecimal.
  bool read(const std::string& key, std::span<std::byte> into);
  /// Whether read() would have an entry of this size; reads it all.
  bool holds(const std::string& key, size_t size);
  /// Adds an entry; one with this key that is there already stays. A disk that is full ends the appending.
  /// Throws as refuse_changed_mappings() does.
  void append(const std::string& key, std::span<const std::byte> bytes);

  size_t entries() const;
  /// What happened to the file, in sentences; each is given once.
  std::vector<std::string> take_warnings();

 private:
  struct Entry {
    int64_t offset = 0;  ///< Where the payload starts.
    uint64_t size = 0;
    std::string checksum;
  };
  void open(std::string_view identity);
  void start_empty(std::string_view identity);
  void read_directory();
  void warn(std::string sentence);

  const std::filesystem::path file_;
  int descriptor_ = -1;
  bool appends_ = false;
  int64_t end_ = 0;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Entry> entries_;
  std::vector<std::string> warnings_;
};

}  // namespace llavakd
