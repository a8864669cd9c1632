// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace llavakd {

/// A field of a message in the wire format of Protocol Buffers (protobuf.dev, "Encoding").
struct ProtobufField {
  uint32_t number = 0;
  uint64_t value = 0;           ///< Of a varint, or the bits of a fixed 32- or 64-bit number.
  std::string_view bytes = {};  ///< Of a field with a length: text, bytes, a message, packed numbers.
  bool has_bytes = false;
};

/// Goes through the fields of a message; reads nothing outside it.
class ProtobufReader {
 public:
  explicit ProtobufReader(std::string_view message) : rest_(message) {}

  /// The next field; nothing at the end, or where what follows can't be one, which damaged() tells.
  std::optional<ProtobufField> next() {
    if (rest_.empty() || damaged_) return std::nullopt;
    const auto key = varint();
    constexpr uint64_t highest = (uint64_t{1} << 32) - 1;
    if (!key || *key > highest || *key >> 3 == 0) return fail();
    ProtobufField field{.number = static_cast<uint32_t>(*key >> 3)};
    switch (*key & 7) {
      case 0:
        if (const auto number = varint()) {
          field.value = *number;
          return field;
        }
        return fail();
      case 1:
        return fixed(field, 8);
      case 2: {
        const auto length = varint();
        if (!length || *length > rest_.size()) return fail();
        field.bytes = rest_.substr(0, static_cast<size_t>(*length));
        field.has_bytes = true;
        rest_.remove_prefix(field.bytes.size());
        return field;
      }
      case 5:
        return fixed(field, 4);
      default:  // groups, which nobody writes any more
        return fail();
    }
  }
  bool damaged() const { return damaged_; }

  /// A number of the packed form; nothing at the end.
  std::optional<uint64_t> varint() {
    uint64_t number = 0;
    for (size_t i = 0; i < 10 && i < rest_.size(); ++i) {
      const auto byte = static_cast<unsigned char>(rest_[i]);
      number |= static_cast<uint64_t>(byte & 0x7F) << (7 * i);
      if (byte < 0x80) {
        rest_.remove_prefix(i + 1);
        return number;
      }
    }
    return std::nullopt;
  }

 private:
  std::optional<ProtobufField> fixed(ProtobufField field, size_t size) {
    if (rest_.size() < size) return fail();
    for (size_t i = 0; i < size; ++i)
      field.value |= static_cast<uint64_t>(static_cast<unsigned char>(rest_[i])) << (8 * i);
    rest_.remove_prefix(size);
    return field;
  }
  std::optional<ProtobufField> fail() {
    damaged_ = true;
    return std::nullopt;
  }

  std::string_view rest_;
  bool damaged_ = false;
};

}  // namespace llavakd
