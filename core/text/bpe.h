// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <array>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace llavakd {

/// What merging two neighbours gives.
struct Merge {
  int32_t rank = 0;  ///< Lower merges first.
  int32_t id = 0;    ///< Of the joined token.
};

/// (left id, right id) → Merge: an open-addressing table, as the lookup is the inner loop of the tokenizer.
class MergeTable {
 public:
  /// Reserves room for `count` merges.
  explicit MergeTable(size_t count = 0);
  /// A pair that is given twice keeps the later rank, as in Hugging Face's map.
  void insert(int32_t left, int32_t right, Merge merge);
  const Merge* find(int32_t left, int32_t right) const;

 private:
  size_t slot(uint64_t key) const;
  std::vector<uint64_t> keys_;
  std::vector<Merge> merges_;
};

/// Byte-pair encoding of one word (tokenizers' models/bpe): start from the bytes and merge the neighbours of lowest
/// rank, the leftmost first, until none can be merged.
class BpeModel {
 public:
  std::array<int32_t, 256> byte_ids{};  ///< Id of each byte's token, -1 where the vocabulary lacks it.
  MergeTable merges;
  bool ignore_merges = false;                      ///< A word that is in `words` is one token, whatever the merges say.
  std::unordered_map<std::string, int32_t> words;  ///< Bytes of each token → id; filled for ignore_merges only.
  int32_t unk_id = -1;                             ///< For bytes without a token; -1 drops them.
  bool fuse_unk = false;                           ///< A run of unknown bytes gives one unk.

  /// Appends the ids of a word.
  void encode(std::string_view word, std::vector<int64_t>& ids) const;

 private:
  std::vector<int32_t> merged(std::string_view word) const;
  std::vector<int32_t> symbols_of(std::string_view word) const;

  struct CacheShard {
    std::mutex mutex;
    std::unordered_map<std::string, std::vector<int32_t>> words;
  };
  static constexpr size_t shard_count = 16;
  mutable std::array<CacheShard, shard_count> cache_;
};

}  // namespace llavakd
