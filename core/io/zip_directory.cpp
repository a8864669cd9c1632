// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/zip_directory.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "core/base/errors.h"
#include "core/base/printable.h"

namespace llavakd {

namespace {

// PKWARE APPNOTE 6.3.10, sections 4.3.7 (local header), 4.3.12 (central directory), 4.3.14-16 (ends), 4.5.3 (zip64).
constexpr uint32_t kLocal = 0x04034b50, kCentral = 0x02014b50, kEnd = 0x06054b50, kEnd64 = 0x06064b50,
                   kLocator64 = 0x07064b50;
constexpr size_t kEndSize = 22, kCentralSize = 46, kLocalSize = 30, kEnd64Size = 56, kLocator64Size = 20;
constexpr uint64_t kMaxZipEntries = 1'000'000;

/// Little-endian numbers of the file, each read checked against its end.
class Reader {
 public:
  explicit Reader(const MappedFile& file) : bytes_(file.bytes()), name_(file.path().string()) {}

  [[noreturn]] void refuse(const std::string& reason) const { throw UserError(fmt::format("{}: {}.", name_, reason)); }

  template <typename T>
  T number(uint64_t at) const {
    const auto raw = range(at, sizeof(T), "a number");
    T value;
    std::memcpy(&value, raw.data(), sizeof value);
    return value;
  }

  std::span<const std::byte> range(uint64_t at, uint64_t size, std::string_view what) const {
    if (at > bytes_.size() || size > bytes_.size() - at) {
      refuse(
          fmt::format("{} reaches past the end of the file ({} bytes at {}, the file has {}): it is truncated or "
                      "damaged; fetch it again",
                      what, size, at, bytes_.size()));
    }
    return bytes_.subspan(at, size);
  }

  uint64_t size() const { return bytes_.size(); }

 private:
  std::span<const std::byte> bytes_;
  std::string name_;
};

struct Directory {
  uint64_t offset, size, entries;
};

/// Finds the end record, which a comment of up to 65535 bytes may follow, and with it the central directory.
Directory find_directory(const Reader& reader) {
  if (reader.size() < kEndSize) reader.refuse("it is too short for a zip archive");
  const uint64_t lowest = reader.size() - std::min<uint64_t>(reader.size(), kEndSize + 0xFFFF);
  for (uint64_t at = reader.size() - kEndSize;; --at) {
    if (reader.number<uint32_t>(at) == kEnd) {
      Directory found{reader.number<uint32_t>(at + 16), reader.number<uint32_t>(at + 12),
                      reader.number<uint16_t>(at + 10)};
      const bool has_64 = at >= kLocator64Size && reader.number<uint32_t>(at - kLocator64Size) == kLocator64;
      if (has_64) {
        const auto end64 = reader.number<uint64_t>(at - kLocator64Size + 8);
        reader.range(end64, kEnd64Size, "the zip64 record");
        if (reader.number<uint32_t>(end64) != kEnd64) reader.refuse("the zip64 record is damaged");
        found = {reader.number<uint64_t>(end64 + 48), reader.number<uint64_t>(end64 + 40),
                 reader.number<uint64_t>(end64 + 32)};
      }
      return found;
    }
    if (at == lowest) reader.refuse("the zip directory at the end is missing: the file is truncated; fetch it again");
  }
}

/// Sizes and offset of an entry that don't fit 32 bits are in the zip64 extra field, in this order.
void read_zip64(const Reader& reader, uint64_t extra, uint64_t extra_size, uint64_t& size, uint64_t& stored,
                uint64_t& offset) {
  const uint64_t end = extra + extra_size;
  while (extra + 4 <= end) {
    const auto id = reader.number<uint16_t>(extra);
    const auto length = reader.number<uint16_t>(extra + 2);
    extra += 4;
    if (id == 1) {
      const uint64_t field_end = std::min<uint64_t>(extra + length, end);
      for (uint64_t* value : {&size, &stored, &offset}) {
        if (*value != 0xFFFFFFFF) continue;
        if (extra + 8 > field_end) reader.refuse("a zip64 field is too short");
        *value = reader.number<uint64_t>(extra);
        extra += 8;
      }
      return;
    }
    extra += length;
  }
}

void check_name(const Reader& reader, std::string_view name) {
  const bool leaves = name.empty() || name.front() == '/' || name.find('\\') != std::string_view::npos ||
                      name.find('\0') != std::string_view::npos || name == ".." || name.starts_with("../") ||
                      name.find("/../") != std::string_view::npos || name.ends_with("/..");
  if (!is_utf8(name)) reader.refuse(fmt::format("the name of the archive entry \"{}\" is not UTF-8", printable(name)));
  if (leaves) reader.refuse(fmt::format("the archive entry \"{}\" leaves the archive", printable(name)));
}

}  // namespace

ZipDirectory read_zip_directory(const MappedFile& file) {
  const Reader reader(file);
  const Directory directory = find_directory(reader);
  reader.range(directory.offset, directory.size, "the zip directory");
  if (directory.entries > kMaxZipEntries || directory.entries * kCentralSize > directory.size) {
    reader.refuse(fmt::format("the zip directory can't hold {} entries", directory.entries));
  }

  ZipDirectory entries;
  uint64_t at = directory.offset;
  for (uint64_t i = 0; i < directory.entries; ++i) {
    if (reader.number<uint32_t>(at) != kCentral) reader.refuse("the zip directory is damaged");
    const auto flags = reader.number<uint16_t>(at + 8);
    const auto method = reader.number<uint16_t>(at + 10);
    uint64_t stored = reader.number<uint32_t>(at + 20);
    uint64_t size = reader.number<uint32_t>(at + 24);
    const auto name_size = reader.number<uint16_t>(at + 28);
    const auto extra_size = reader.number<uint16_t>(at + 30);
    const auto comment_size = reader.number<uint16_t>(at + 32);
    uint64_t local = reader.number<uint32_t>(at + 42);
    const auto raw_name = reader.range(at + kCentralSize, name_size, "an entry's name");
    const std::string name(reinterpret_cast<const char*>(raw_name.data()), raw_name.size());
    read_zip64(reader, at + kCentralSize + name_size, extra_size, size, stored, local);
    at += kCentralSize + name_size + extra_size + comment_size;

    check_name(reader, name);
    if ((flags & 1) != 0) reader.refuse(fmt::format("the archive entry {} is encrypted", name));
    if (method != 0 || size != stored) {
      reader.refuse(
          fmt::format("the archive entry {} is compressed; torch.save stores plainly, so this is not its file", name));
    }
    if (reader.number<uint32_t>(local) != kLocal) reader.refuse(fmt::format("the archive entry {} is damaged", name));
    const uint64_t data =
        local + kLocalSize + reader.number<uint16_t>(local + 26) + reader.number<uint16_t>(local + 28);
    const auto bytes = reader.range(data, size, fmt::format("the archive entry {}", name));
    if (!entries.emplace(name, bytes).second) reader.refuse(fmt::format("the archive entry {} stands twice", name));
  }
  return entries;
}

}  // namespace llavakd
