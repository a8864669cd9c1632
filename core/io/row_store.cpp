// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/row_store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "core/base/sha256.h"
#include "core/io/mapped_file.h"

namespace llavakd {
namespace {

constexpr size_t head_size = 128, key_size = 64, checksum_size = 32;
constexpr std::string_view file_magic = "llavakd-rows 1\n", entry_magic = "entry\n";
using Head = std::array<char, head_size>;

bool read_all(int descriptor, void* into, size_t size, int64_t offset) {
  auto* bytes = static_cast<char*>(into);
  while (size > 0) {
    const ssize_t got = pread(descriptor, bytes, size, offset);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    bytes += got;
    offset += got;
    size -= static_cast<size_t>(got);
  }
  return true;
}

bool write_all(int descriptor, const void* from, size_t size, int64_t offset) {
  const auto* bytes = static_cast<const char*>(from);
  while (size > 0) {
    const ssize_t put = pwrite(descriptor, bytes, size, offset);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    bytes += put;
    offset += put;
    size -= static_cast<size_t>(put);
  }
  return true;
}

Head file_head(std::string_view identity) {
  Head head{};
  std::memcpy(head.data(), file_magic.data(), file_magic.size());
  std::memcpy(head.data() + file_magic.size(), identity.data(), std::min(identity.size(), key_size));
  return head;
}

std::array<char, 8> little_endian(uint64_t number) {
  std::array<char, 8> bytes{};
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(number >> (8 * i));
  return bytes;
}

std::string checksum_of(std::string_view key, std::span<const std::byte> payload) {
  Sha256 hash;
  hash.add(key);
  const auto size = little_endian(payload.size());
  hash.add({size.data(), size.size()});
  hash.add({reinterpret_cast<const char*>(payload.data()), payload.size()});
  return hash.finish().substr(0, checksum_size);
}

}  // namespace

RowStore::RowStore(std::filesystem::path file, std::string_view identity) : file_(std::move(file)) {
  open(identity);
}

RowStore::~RowStore() {
  if (descriptor_ >= 0) close(descriptor_);
}

void RowStore::open(std::string_view identity) {
  std::error_code error;
  std::filesystem::create_directories(file_.parent_path(), error);
  descriptor_ = ::open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
  struct stat status {};
  if (descriptor_ < 0 || fstat(descriptor_, &status) != 0 || !S_ISREG(status.st_mode)) {
    warn(fmt::format("The cache {} can't be opened ({}); the run goes on without it.", file_.string(),
                     std::strerror(errno)));
    if (descriptor_ >= 0) close(descriptor_);
    descriptor_ = -1;
    return;
  }
  appends_ = flock(descriptor_, LOCK_EX | LOCK_NB) == 0;
  Head head{};
  const bool same = read_all(descriptor_, head.data(), head.size(), 0) && head == file_head(identity);
  if (same) return read_directory();
  const bool unfinished = status.st_size < static_cast<int64_t>(head_size);
  if (appends_ && unfinished) return start_empty(identity);
  appends_ = false;
  if (!unfinished)
    warn(
        fmt::format("{} is damaged or no cache of this run. It is left alone and the run goes on without it; delete "
                    "it to have a cache again.",
                    file_.string()));
}

void RowStore::start_empty(std::string_view identity) {
  const Head head = file_head(identity);
  end_ = head_size;
  if (ftruncate(descriptor_, 0) == 0 && write_all(descriptor_, head.data(), head.size(), 0)) return;
  appends_ = false;
  warn(fmt::format("The cache {} can't be written ({}).", file_.string(), std::strerror(errno)));
}

void RowStore::read_directory() {
  struct stat status {};
  fstat(descriptor_, &status);
  const int64_t size = status.st_size;
  Head head{};
  int64_t at = head_size;
  while (at + static_cast<int64_t>(head_size) <= size && read_all(descriptor_, head.data(), head.size(), at)) {
    const std::string_view text(head.data(), head.size());
    uint64_t payload = 0;
    for (size_t i = 0; i < 8; ++i)
      payload |= static_cast<uint64_t>(static_cast<unsigned char>(text[entry_magic.size() + key_size + i])) << (8 * i);
    const int64_t begin = at + static_cast<int64_t>(head_size);
    if (!text.starts_with(entry_magic) || payload > static_cast<uint64_t>(size - begin)) break;
    // A later entry takes the place of one that was found damaged.
    entries_.insert_or_assign(
        std::string(text.substr(entry_magic.size(), key_size)),
        Entry{begin, payload, std::string(text.substr(entry_magic.size() + key_size + 8, checksum_size))});
    at = begin + static_cast<int64_t>(payload);
  }
  end_ = at;
  if (at == size) return;
  warn(fmt::format("The cache {} ends in the middle of an entry; what follows its {} whole ones is dropped.",
                   file_.string(), entries_.size()));
  if (appends_ && ftruncate(descriptor_, at) != 0) appends_ = false;
}

bool RowStore::read(const std::string& key, std::span<std::byte> into) {
  Entry entry;
  {
    const std::scoped_lock lock(mutex_);
    const auto found = entries_.find(key);
    if (found == entries_.end() || found->second.size != into.size()) return false;
    entry = found->second;
  }
  if (read_all(descriptor_, into.data(), into.size(), entry.offset) && checksum_of(key, into) == entry.checksum)
    return true;
  const std::scoped_lock lock(mutex_);
  if (entries_.erase(key) > 0)
    warn(fmt::format("An entry of the cache {} is damaged; it is computed again.", file_.string()));
  return false;
}

bool RowStore::holds(const std::string& key, size_t size) {
  {
    const std::scoped_lock lock(mutex_);
    const auto found = entries_.find(key);
    if (found == entries_.end() || found->second.size != size) return false;
  }
  std::vector<std::byte> bytes(size);
  return read(key, bytes);
}

void RowStore::append(const std::string& key, std::span<const std::byte> bytes) {
  refuse_changed_mappings();  // which the entry may have been computed from
  const std::scoped_lock lock(mutex_);
  if (!appends_ || key.size() != key_size || entries_.contains(key)) return;
  Entry entry{end_ + static_cast<int64_t>(head_size), bytes.size(), checksum_of(key, bytes)};
  Head head{};
  const auto size = little_endian(bytes.size());
  char* at = head.data();
  for (const std::string_view part : {entry_magic, std::string_view(key), std::string_view(size.data(), size.size()),
                                      std::string_view(entry.checksum)})
    at = std::copy(part.begin(), part.end(), at);
  // The payload first: a file that ends within it has no head that promises it.
  if (!write_all(descriptor_, bytes.data(), bytes.size(), entry.offset) ||
      !write_all(descriptor_, head.data(), head.size(), end_)) {
    warn(fmt::format("The cache {} can't grow ({}); the run goes on without adding to it.", file_.string(),
                     std::strerror(errno)));
    appends_ = false;
    if (ftruncate(descriptor_, end_) != 0) warn("Its unfinished end can't be cut off either.");
    return;
  }
  end_ = entry.offset + static_cast<int64_t>(bytes.size());
  entries_.emplace(key, std::move(entry));
}

size_t RowStore::entries() const {
  const std::scoped_lock lock(mutex_);
  return entries_.size();
}

std::vector<std::string> RowStore::take_warnings() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(warnings_, {});
}

void RowStore::warn(std::string sentence) {
  constexpr size_t most = 20;
  if (warnings_.size() < most) warnings_.push_back(std::move(sentence));
}

}  // namespace llavakd
