// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/sentencepiece_fault.h"

#include <fmt/format.h>

#include <cstdint>
#include <cstring>
#include <vector>

namespace llavakd {
namespace {

constexpr uint64_t self_test_data = 4;  // of ModelProto, like the next
constexpr uint64_t normalizer_spec = 3;
constexpr uint64_t last_part = 5;             // of ModelProto's parts, which are all messages
constexpr uint64_t precompiled_charsmap = 2;  // of NormalizerSpec

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
  std::string_view payload;  // of fields with a length
  bool whole = true;         // false once a field has turned out broken

 private:
  bool read() {
    uint64_t tag = 0;
    if (!varint(tag)) return false;
    number = tag >> 3;
    payload = {};
    uint64_t length = 0;
    switch (tag & 7) {
      case 0:
        return varint(length);
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

  bool varint(uint64_t& value) {
    value = 0;
    for (int shift = 0; shift < 64 && !bytes_.empty(); shift += 7) {
      const auto byte = static_cast<uint8_t>(bytes_.front());
      bytes_.remove_prefix(1);
      value |= static_cast<uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return true;
    }
    return false;
  }

  std::string_view bytes_;
};

/// A unit of Darts-clone's double array. A unit with the highest bit is a leaf: the rest is its value.
struct Unit {
  uint32_t bits = 0;
  bool is_leaf() const { return (bits >> 31) != 0; }
  bool has_leaf() const { return ((bits >> 8) & 1) != 0; }
  uint32_t value() const { return bits & 0x7FFFFFFFU; }
  uint32_t offset() const { return (bits >> 10) << ((bits & 0x200U) >> 6); }
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

std::optional<std::string> table_fault(std::string_view table) {
  if (table.empty()) return std::nullopt;
  uint32_t size = 0;
  if (table.size() <= sizeof size) return "it is too short";
  std::memcpy(&size, table.data(), sizeof size);
  table.remove_prefix(sizeof size);
  if (size % sizeof(Unit) != 0 || size == 0 || size >= table.size()) return "the size of its trie is wrong";
  const std::string_view texts = table.substr(size);
  if (texts.back() != '\0') return "its texts don't end";
  std::vector<Unit> units(size / sizeof(Unit));
  std::memcpy(units.data(), table.data(), size);
  for (size_t i = 0; i < units.size(); ++i) {
    if (units[i].is_leaf()) continue;
    const size_t child = i ^ units[i].offset();
    if ((child | 0xFF) >= units.size()) return fmt::format("unit {} of its trie points outside", i);
    if (units[i].has_leaf() && units[child].value() >= texts.size()) {
      return fmt::format("unit {} of its trie points behind its texts", i);
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> sentencepiece_fault(std::string_view model) {
  FieldReader fields(model);
  while (fields.next()) {
    if (fields.number <= last_part && !is_message(fields.payload, fields.number == self_test_data ? 1 : 0)) {
      return fmt::format("its part {} is broken", fields.number);
    }
    if (fields.number != normalizer_spec) continue;
    FieldReader spec(fields.payload);
    while (spec.next()) {
      if (spec.number != precompiled_charsmap) continue;
      if (auto fault = table_fault(spec.payload)) return "its table precompiled_charsmap is broken: " + *fault;
    }
  }
  if (!fields.whole) return "it ends in the middle";
  return std::nullopt;
}

}  // namespace llavakd
