// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/word_cache.h"

#include <cstring>

namespace llavakd {
namespace {

constexpr size_t most_words = 8192;  // of a shard
constexpr size_t first_table = 256;
constexpr int shard_shift = 60;

/// Eight bytes at a time, each folded in by a multiplication whose halves are joined.
uint64_t hash_of(std::string_view word) {
  uint64_t hash = word.size() * 0x9E3779B97F4A7C15ULL;
  const auto fold = [&](uint64_t part) {
    hash = (hash ^ part) * 0xBF58476D1CE4E5B9ULL;
    hash ^= hash >> 29;
  };
  size_t at = 0;
  for (; at + 8 <= word.size(); at += 8) {
    uint64_t part = 0;
    std::memcpy(&part, word.data() + at, 8);
    fold(part);
  }
  uint64_t rest = 0;
  std::memcpy(&rest, word.data() + at, word.size() - at);
  fold(rest);
  return hash * 0x94D049BB133111EBULL;
}

}  // namespace

/// The entry of the word, or the free one where it would be; the table is never full.
WordCache::Entry& WordCache::Shard::entry_of(std::string_view word, uint64_t hash) {
  const size_t mask = table.size() - 1;
  const auto mark = static_cast<uint32_t>(hash);
  for (size_t at = (hash >> 32) & mask;; at = (at + 1) & mask) {
    Entry& entry = table[at];
    if (entry.length == 0) return entry;
    if (entry.mark == mark && std::string_view(text).substr(entry.text, entry.length) == word) return entry;
  }
}

bool WordCache::append(std::string_view word, std::vector<int64_t>& out) const {
  if (word.empty() || word.size() > longest_word) return false;
  const uint64_t hash = hash_of(word);
  Shard& shard = shards_[hash >> shard_shift];
  const std::lock_guard lock(shard.mutex);
  if (shard.table.empty()) return false;
  const Entry& entry = shard.entry_of(word, hash);
  if (entry.length == 0) return false;
  const auto begin = shard.ids.begin() + entry.ids;
  out.insert(out.end(), begin, begin + entry.id_count);
  return true;
}

void WordCache::insert(std::string_view word, const std::vector<int32_t>& ids) const {
  if (word.empty() || word.size() > longest_word) return;
  const uint64_t hash = hash_of(word);
  Shard& shard = shards_[hash >> shard_shift];
  const std::lock_guard lock(shard.mutex);
  if (shard.count == most_words) return;
  if (shard.count * 2 >= shard.table.size()) {
    std::vector<Entry> old(shard.table.empty() ? first_table : shard.table.size() * 2);
    old.swap(shard.table);
    for (const Entry& entry : old) {
      if (entry.length == 0) continue;
      const std::string_view known = std::string_view(shard.text).substr(entry.text, entry.length);
      shard.entry_of(known, hash_of(known)) = entry;
    }
  }
  Entry& entry = shard.entry_of(word, hash);
  if (entry.length != 0) return;  // another thread was quicker
  entry = {static_cast<uint32_t>(shard.text.size()), static_cast<uint32_t>(shard.ids.size()),
           static_cast<uint32_t>(hash), static_cast<uint16_t>(ids.size()), static_cast<uint8_t>(word.size())};
  shard.text += word;
  shard.ids.insert(shard.ids.end(), ids.begin(), ids.end());
  ++shard.count;
}

}  // namespace llavakd
