// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <array>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/text/text_model.h"
#include "core/text/word_cache.h"

namespace llavakd {

/// What merging two neighbours gives.
struct Merge {
  int32_t rank = 0;  ///< Lower merges first.
  int32_t id = 0;    ///< Id of the joined token.
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
  struct Slot {
    uint64_t key = 0;
    Merge merge;
  };
  size_t place_of(uint64_t key) const;
  std::vector<Slot> slots_;
};

/// Byte-pair encoding of one word (tokenizers' models/bpe): start from its bytes or characters and merge the neighbours
/// of lowest rank, the leftmost first, until none can be merged.
class BpeModel : public TextModel {
 public:
  /// Byte-level: `byte_ids` are all symbols. Otherwise characters are, and `byte_ids` holds the tokens "<0x0A>" for
  /// characters that aren't in the vocabulary.
  bool byte_level = true;
  std::array<int32_t, 256> byte_ids;                    ///< Id of each byte's token, -1 where the vocabulary lacks it.
  std::unordered_map<char32_t, int32_t> character_ids;  ///< Id of each character's token.
  MergeTable merges;
  bool ignore_merges = false;  ///< A word that is in `words` is one token, whatever the merges say.
  TextMap<int32_t> vocab;      ///< Bytes of each token → id; filled for ignore_merges only.
  int32_t unk_id = -1;         ///< For symbols without a token; -1 drops them.
  bool fuse_unk = false;       ///< A run of unknown symbols gives one unk.
  /// No token has a "▁" after another character, so that a long text may be merged word by word.
  bool cuts_at_metaspace = false;

  BpeModel() { byte_ids.fill(-1); }
  void encode(std::string_view word, std::vector<int64_t>& ids) const override;

 private:
  void encode_part(std::string_view part, std::vector<int64_t>& ids) const;
  std::vector<int32_t> merged(std::string_view word) const;
  void merge_few(std::vector<int32_t>& ids) const;
  void merge_many(std::vector<int32_t>& ids) const;
  std::vector<int32_t> symbols_of(std::string_view word) const;
  std::vector<int32_t> byte_symbols_of(std::string_view word) const;
  bool append_bytes_of(std::string_view character, std::vector<int32_t>& ids) const;

  WordCache cache_;
};

}  // namespace llavakd
