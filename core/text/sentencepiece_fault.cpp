// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/sentencepiece_fault.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <utility>
#include <vector>

namespace llavakd {
namespace {

// Fields of ModelProto, whose parts 1 to 5 are all messages.
constexpr uint64_t pieces = 1, normalizer_spec = 3, self_test_data = 4, denormalizer_spec = 5, last_part = 5;
constexpr uint64_t piece_text = 1, piece_type = 3, user_defined = 4;  // of SentencePiece, and a value of its type
constexpr uint64_t precompiled_charsmap = 2;                          // of NormalizerSpec

// normalizer.cc: what matches the beginning of a text is put into arrays of these sizes and counted beyond them.
constexpr int most_rules = 32;
constexpr size_t most_nested_pieces = 64;

// Bounds of ours, far above any published table (its longest text has 33 bytes): a character mustn't become megabytes.
constexpr int longest_rule = 255;
constexpr size_t longest_text = 1000;

/// Reads the fields of a protobuf message, one after the other.
class FieldReader {
 public:
  explicit FieldReader(std::string_view bytes) : bytes_(bytes) {}

  /// Goes to the next field; false at the end, and where the bytes aren't a message.
  bool next() {
    if (bytes_.empty()) return false;
    whole = read();
    return whole;
  }

  uint64_t number = 0;
  uint64_t value = 0;        // of fields that are a varint, else 0
  bool has_length = false;   // as texts and messages have
  std::string_view payload;  // of fields that aren't a varint
  bool whole = true;         // false once a field has turned out broken

 private:
  bool read() {
    uint64_t tag = 0;
    // protobuf drops the bits above 32, which would make another field of it.
    if (!varint(tag) || tag > std::numeric_limits<uint32_t>::max()) return false;
    number = tag >> 3;
    value = 0;
    has_length = (tag & 7) == 2;
    payload = {};
    uint64_t length = 0;
    switch (tag & 7) {
      case 0:
        return varint(value);
      case 1:
        return take(8);
      case 2:
        return varint(length) && take(length);
      case 5:
        return take(4);
      default:
        return false;
    }
  }

  bool take(uint64_t length) {
    if (length > bytes_.size()) return false;
    payload = bytes_.substr(0, length);
    bytes_.remove_prefix(length);
    return true;
  }

  bool varint(uint64_t& result) {
    result = 0;
    for (int shift = 0; shift < 64 && !bytes_.empty(); shift += 7) {
      const auto byte = static_cast<uint8_t>(bytes_.front());
      bytes_.remove_prefix(1);
      result |= static_cast<uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return true;
    }
    return false;
  }

  std::string_view bytes_;
};

/// Whether the fields of a part of the model fit into it. protobuf takes room for a text of up to 50 MB by the length
/// that a message claims for itself, before it sees that the file ends earlier.
bool is_message(std::string_view bytes, int depth) {
  FieldReader fields(bytes);
  while (fields.next()) {
    if (depth > 0 && !is_message(fields.payload, depth - 1)) return false;
  }
  return fields.whole;
}

/// A unit of Darts-clone's double array. A unit with the highest bit is a leaf: the rest is its value.
struct Unit {
  uint32_t bits = 0;
  bool is_leaf() const { return (bits >> 31) != 0; }
  bool has_leaf() const { return ((bits >> 8) & 1) != 0; }
  uint32_t label() const { return bits & 0xFFU; }
  uint32_t value() const { return bits & 0x7FFFFFFFU; }
  uint32_t offset() const { return (bits >> 10) << ((bits & 0x200U) >> 6); }
};

/// The trie of a normaliser's rules. A unit's children are in the block of 256 units that its offset leads to, each
/// where its label says; the walk begins at unit 0 without asking whether that is a leaf.
class RuleTrie {
 public:
  explicit RuleTrie(std::string_view bytes) : units_(bytes.size() / sizeof(Unit)) {
    std::memcpy(units_.data(), bytes.data(), bytes.size());
  }

  std::optional<std::string> fault(size_t bytes_of_texts) {
    for (size_t i = 0; i < units_.size(); ++i) {
      if (units_[i].is_leaf() && i != 0) continue;
      if ((block(i) | 0xFF) >= units_.size()) return fmt::format("unit {} of its trie points outside", i);
      if (units_[i].has_leaf() && units_[block(i)].value() >= bytes_of_texts) {
        return fmt::format("unit {} of its trie points behind its texts", i);
      }
    }
    index_children();
    if (rules_from(block(0), 0) <= most_rules) return std::nullopt;
    return fmt::format("its trie has a circle, or more than {} rules that begin alike", most_rules);
  }

 private:
  size_t block(size_t unit) const { return unit ^ units_[unit].offset(); }

  void index_children() {
    first_child_.assign(units_.size(), none);
    next_child_.assign(units_.size(), none);
    rules_.assign(units_.size(), unknown);
    for (size_t i = 0; i < units_.size(); ++i) {
      const size_t parents_block = i ^ units_[i].label();
      if (units_[i].is_leaf() || parents_block >= units_.size()) continue;
      next_child_[i] = first_child_[parents_block];
      first_child_[parents_block] = static_cast<uint32_t>(i);
    }
  }

  /// The most rules on one way through the block and what is below it; more than most_rules where it has no end.
  int rules_from(size_t block_of_parent, int depth) {
    if (depth > longest_rule) return most_rules + 1;
    if (rules_[block_of_parent] != unknown) return rules_[block_of_parent];
    rules_[block_of_parent] = most_rules + 1;  // what a cycle back to here finds
    int most = 0;
    for (uint32_t child = first_child_[block_of_parent]; child != none; child = next_child_[child]) {
      most = std::max(most, (units_[child].has_leaf() ? 1 : 0) + rules_from(block(child), depth + 1));
    }
    return rules_[block_of_parent] = static_cast<int8_t>(std::min(most, most_rules + 1));
  }

  static constexpr uint32_t none = std::numeric_limits<uint32_t>::max();
  static constexpr int8_t unknown = -1;
  std::vector<Unit> units_;
  std::vector<uint32_t> first_child_, next_child_;
  std::vector<int8_t> rules_;  // by block
};

bool has_long_text(std::string_view texts) {
  while (!texts.empty()) {
    const size_t length = texts.find('\0');
    if (length > longest_text) return true;
    texts.remove_prefix(length + 1);
  }
  return false;
}

std::optional<std::string> table_fault(std::string_view table) {
  if (table.empty()) return std::nullopt;
  uint32_t size = 0;
  if (table.size() <= sizeof size) return "it is too short";
  std::memcpy(&size, table.data(), sizeof size);
  table.remove_prefix(sizeof size);
  if (size % sizeof(Unit) != 0 || size == 0 || size >= table.size()) return "the size of its trie is wrong";
  const std::string_view texts = table.substr(size);
  if (texts.back() != '\0') return "its texts don't end";
  if (has_long_text(texts)) return fmt::format("a text of it has more than {} bytes", longest_text);
  return RuleTrie(table.substr(0, size)).fault(texts.size());
}

/// Why a part of ModelProto must be refused. Adds the piece in it to `symbols` where it is a user-defined one.
std::optional<std::string> part_fault(const FieldReader& part, std::vector<std::string_view>& symbols) {
  if (part.number > last_part) return std::nullopt;
  if (!is_message(part.payload, part.number == self_test_data ? 1 : 0)) {
    return fmt::format("its part {} is broken", part.number);
  }
  FieldReader fields(part.payload);
  std::string_view text;
  bool is_symbol = false;
  while (fields.next()) {
    if (part.number == pieces && fields.number == piece_text && fields.has_length) text = fields.payload;
    // protobuf keeps 32 bits of a type; one that it doesn't know leaves the one before.
    if (part.number == pieces && fields.number == piece_type && static_cast<uint32_t>(fields.value) == user_defined) {
      is_symbol = true;
    }
    if (part.number != normalizer_spec && part.number != denormalizer_spec) continue;
    if (fields.number != precompiled_charsmap) continue;
    if (auto fault = table_fault(fields.payload)) return "its table precompiled_charsmap is broken: " + *fault;
  }
  if (is_symbol) symbols.push_back(text.substr(0, text.find('\0')));  // as a trie of C strings takes it
  return std::nullopt;
}

/// Whether a text can begin with more user-defined symbols than the library has room for.
bool nests_too_deep(std::vector<std::string_view> symbols) {
  std::sort(symbols.begin(), symbols.end());
  std::vector<std::string_view> nested;
  for (const auto symbol : symbols) {
    while (!nested.empty() && !symbol.starts_with(nested.back())) nested.pop_back();
    if (nested.empty() || nested.back() != symbol) nested.push_back(symbol);
    if (nested.size() > most_nested_pieces) return true;
  }
  return false;
}

}  // namespace

std::optional<std::string> sentencepiece_fault(std::string_view model, std::vector<std::string_view>* symbols) {
  FieldReader parts(model);
  std::vector<std::string_view> found;
  while (parts.next()) {
    if (auto fault = part_fault(parts, found)) return fault;
  }
  if (!parts.whole) return "it ends in the middle";
  if (nests_too_deep(found)) {
    return fmt::format("more than {} of its user-defined symbols begin alike", most_nested_pieces);
  }
  if (symbols != nullptr) *symbols = std::move(found);
  return std::nullopt;
}

}  // namespace llavakd
