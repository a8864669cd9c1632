// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/bpe.h"

#include <algorithm>
#include <array>
#include <bit>
#include <functional>
#include <limits>
#include <queue>

#include "core/text/unicode.h"

namespace llavakd {
namespace {

constexpr uint64_t empty_key = ~uint64_t{0};  // no pair of non-negative ids
/// Up to this many symbols a search through all neighbours beats a queue.
constexpr size_t few_symbols = 48;

uint64_t key_of(int32_t left, int32_t right) {
  return (static_cast<uint64_t>(static_cast<uint32_t>(left)) << 32) | static_cast<uint32_t>(right);
}

/// The finaliser of SplitMix64.
uint64_t splitmix64(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31);
}

struct Symbol {
  int32_t id = 0;
  int previous = -1;
  int next = -1;
};

/// A merge that was possible when it was queued.
struct Candidate {
  int32_t rank = 0;
  int position = 0;
  int32_t id = 0;
  bool operator>(const Candidate& other) const {
    return rank != other.rank ? rank > other.rank : position > other.position;
  }
};

using CandidateQueue = std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>>;

void push_candidate(const MergeTable& merges, const std::vector<Symbol>& symbols, int left, CandidateQueue& queue) {
  if (left < 0) return;
  const int right = symbols[static_cast<size_t>(left)].next;
  if (right < 0) return;
  const Merge* merge = merges.find(symbols[static_cast<size_t>(left)].id, symbols[static_cast<size_t>(right)].id);
  if (merge != nullptr) queue.push({merge->rank, left, merge->id});
}

}  // namespace

MergeTable::MergeTable(size_t count) : slots_(std::bit_ceil(count * 2 + 1), {empty_key, {}}) {}

size_t MergeTable::place_of(uint64_t key) const {
  const size_t mask = slots_.size() - 1;
  size_t at = static_cast<size_t>(splitmix64(key)) & mask;
  while (slots_[at].key != key && slots_[at].key != empty_key) at = (at + 1) & mask;
  return at;
}

void MergeTable::insert(int32_t left, int32_t right, Merge merge) {
  const uint64_t key = key_of(left, right);
  slots_[place_of(key)] = {key, merge};
}

const Merge* MergeTable::find(int32_t left, int32_t right) const {
  const uint64_t key = key_of(left, right);
  const Slot& slot = slots_[place_of(key)];
  return slot.key == key ? &slot.merge : nullptr;
}

std::vector<int32_t> BpeModel::byte_symbols_of(std::string_view word) const {
  std::vector<int32_t> ids;
  ids.reserve(word.size());
  bool after_unknown = false;
  for (const char c : word) {
    const int32_t id = byte_ids[static_cast<uint8_t>(c)];
    const bool unknown = id < 0;
    if (!unknown) ids.push_back(id);
    if (unknown && unk_id >= 0 && !(fuse_unk && after_unknown)) ids.push_back(unk_id);
    after_unknown = unknown;
  }
  return ids;
}

/// All bytes of a character, or none of them when one has no token.
bool BpeModel::append_bytes_of(std::string_view character, std::vector<int32_t>& ids) const {
  for (const char c : character) {
    if (byte_ids[static_cast<uint8_t>(c)] < 0) return false;
  }
  for (const char c : character) ids.push_back(byte_ids[static_cast<uint8_t>(c)]);
  return true;
}

std::vector<int32_t> BpeModel::symbols_of(std::string_view word) const {
  if (byte_level) return byte_symbols_of(word);
  std::vector<int32_t> ids;
  ids.reserve(word.size());
  // tokenizers holds an unk back until the next known character, so that bytes of a fallback come before it.
  bool pending = false;
  for (size_t i = 0; i < word.size();) {
    const CodePoint c = code_point_at(word, i);
    const std::string_view character = word.substr(i, c.length);
    i += c.length;
    if (const auto known = character_ids.find(c.value); known != character_ids.end()) {
      if (pending) ids.push_back(unk_id);
      pending = false;
      ids.push_back(known->second);
    } else if (!append_bytes_of(character, ids) && unk_id >= 0) {
      if (pending && !fuse_unk) ids.push_back(unk_id);
      pending = true;
    }
  }
  if (pending) ids.push_back(unk_id);
  return ids;
}

/// For words of a few symbols, as nearly all are: the best merge is looked for among all neighbours each time, which
/// is quicker than to keep them sorted.
void BpeModel::merge_few(std::vector<int32_t>& ids) const {
  constexpr Merge none{std::numeric_limits<int32_t>::max(), -1};
  std::array<Merge, few_symbols> next;  // of each symbol with the one behind it
  const auto merge_at = [&](size_t left) {
    const Merge* merge = merges.find(ids[left], ids[left + 1]);
    return merge == nullptr ? none : *merge;
  };
  size_t count = ids.size();
  for (size_t i = 0; i + 1 < count; ++i) next[i] = merge_at(i);
  while (count > 1) {
    size_t best = 0;
    for (size_t i = 1; i + 1 < count; ++i) {
      if (next[i].rank < next[best].rank) best = i;
    }
    if (next[best].id < 0) break;
    ids[best] = next[best].id;
    for (size_t i = best + 1; i + 1 < count; ++i) {
      ids[i] = ids[i + 1];
      next[i - 1] = next[i];
    }
    --count;
    if (best > 0) next[best - 1] = merge_at(best - 1);
    if (best + 1 < count) next[best] = merge_at(best);
  }
  ids.resize(count);
}

/// For long words: candidates wait in a queue, so that the time grows hardly faster than the length.
void BpeModel::merge_many(std::vector<int32_t>& ids) const {
  std::vector<Symbol> symbols;
  symbols.reserve(ids.size());
  const int count = static_cast<int>(ids.size());
  for (int i = 0; i < count; ++i) {
    symbols.push_back({ids[static_cast<size_t>(i)], i - 1, i + 1 < count ? i + 1 : -1});
  }
  CandidateQueue queue;
  for (int i = 0; i + 1 < count; ++i) push_candidate(merges, symbols, i, queue);

  while (!queue.empty()) {
    const Candidate top = queue.top();
    queue.pop();
    Symbol& left = symbols[static_cast<size_t>(top.position)];
    if (left.id < 0 || left.next < 0) continue;
    Symbol& right = symbols[static_cast<size_t>(left.next)];
    // One of the two may have been merged with another neighbour since.
    const Merge* merge = merges.find(left.id, right.id);
    if (merge == nullptr || merge->id != top.id) continue;
    left.id = top.id;
    right.id = -1;
    left.next = right.next;
    if (left.next >= 0) symbols[static_cast<size_t>(left.next)].previous = top.position;
    push_candidate(merges, symbols, left.previous, queue);
    push_candidate(merges, symbols, top.position, queue);
  }
  ids.clear();
  for (const Symbol& symbol : symbols) {
    if (symbol.id >= 0) ids.push_back(symbol.id);
  }
}

std::vector<int32_t> BpeModel::merged(std::string_view word) const {
  std::vector<int32_t> ids = symbols_of(word);
  if (ids.size() <= few_symbols) {
    merge_few(ids);
  } else {
    merge_many(ids);
  }
  return ids;
}

void BpeModel::encode_part(std::string_view part, std::vector<int64_t>& ids) const {
  if (cache_.append(part, ids)) return;
  const auto whole = ignore_merges ? vocab.find(part) : vocab.end();
  const std::vector<int32_t> tokens = whole != vocab.end() ? std::vector{whole->second} : merged(part);
  ids.insert(ids.end(), tokens.begin(), tokens.end());
  cache_.insert(part, tokens);
}

void BpeModel::encode(std::string_view word, std::vector<int64_t>& ids) const {
  if (!cuts_at_metaspace || ignore_merges) return encode_part(word, ids);
  // A part begins with the first of its metaspaces.
  size_t begin = 0;
  for (size_t at = word.find(metaspace_character); at != std::string_view::npos;) {
    if (at > begin) encode_part(word.substr(begin, at - begin), ids);
    begin = at;
    while (word.substr(at).starts_with(metaspace_character)) at += metaspace_character.size();
    at = word.find(metaspace_character, at);
  }
  if (begin < word.size()) encode_part(word.substr(begin), ids);
}

}  // namespace llavakd
