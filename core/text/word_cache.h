// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace llavakd {

/// Hash by which maps with std::string keys are asked with a std::string_view.
struct TextHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};

template <typename Value>
using TextMap = std::unordered_map<std::string, Value, TextHash, std::equal_to<>>;

/// Ids of words met before, as texts repeat their words. Bounded; for several threads. Words and ids are one after
/// the other in two long arrays, and an open-addressing table says where: a word costs no allocation of its own.
class WordCache {
 public:
  /// Longer words aren't kept.
  static constexpr size_t longest_word = 64;

  /// Appends the ids of a known word; false for an unknown one.
  bool append(std::string_view word, std::vector<int64_t>& ids) const;
  void insert(std::string_view word, const std::vector<int32_t>& ids) const;

 private:
  struct Entry {
    uint32_t text = 0;  // where its bytes begin
    uint32_t ids = 0;   // where its ids begin
    uint32_t mark = 0;  // of the hash; most other words differ in it
    uint16_t id_count = 0;
    uint8_t length = 0;  // 0: free
  };
  struct Shard {
    std::mutex mutex;
    std::vector<Entry> table;
    size_t count = 0;
    std::string text;
    std::vector<int32_t> ids;
    Entry& entry_of(std::string_view word, uint64_t hash);
  };
  static constexpr size_t shard_count = 16;
  mutable std::array<Shard, shard_count> shards_;
};

}  // namespace llavakd
