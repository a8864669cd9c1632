// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/word_cache.h"

namespace llavakd {
namespace {

constexpr size_t words_per_shard = 8192;

}  // namespace

size_t WordCache::shard_of(std::string_view word) {
  // Not the hash of the maps, whose buckets would fill unevenly then.
  return (word.size() + static_cast<uint8_t>(word.front()) * 7U + static_cast<uint8_t>(word.back())) % shard_count;
}

bool WordCache::append(std::string_view word, std::vector<int64_t>& ids) const {
  if (word.empty() || word.size() > longest_word) return false;
  Shard& shard = shards_[shard_of(word)];
  const std::lock_guard lock(shard.mutex);
  const auto known = shard.words.find(word);
  if (known == shard.words.end()) return false;
  ids.insert(ids.end(), known->second.begin(), known->second.end());
  return true;
}

void WordCache::insert(std::string_view word, const std::vector<int32_t>& ids) const {
  if (word.empty() || word.size() > longest_word) return;
  Shard& shard = shards_[shard_of(word)];
  const std::lock_guard lock(shard.mutex);
  if (shard.words.size() < words_per_shard) shard.words.emplace(std::string(word), ids);
}

}  // namespace llavakd
