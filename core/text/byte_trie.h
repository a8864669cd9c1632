// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace llavakd {

/// Numbers from 0 on by texts, found byte by byte from the root, node 0.
class ByteTrie {
 public:
  /// A later number of the same text replaces the earlier one; an empty text has none.
  void insert(std::string_view text, int32_t number) {
    int32_t node = 0;
    for (const char byte : text) {
      const auto [it, inserted] = children_.try_emplace(edge(node, byte), static_cast<int32_t>(numbers_.size()));
      if (inserted) numbers_.push_back(-1);
      node = it->second;
    }
    if (node != 0) numbers_[static_cast<size_t>(node)] = number;
  }
  /// The node that the byte leads to; -1: none.
  int32_t child(int32_t node, char byte) const {
    const auto found = children_.find(edge(node, byte));
    return found == children_.end() ? -1 : found->second;
  }
  /// The number of the text that ends at the node; -1: none ends there.
  int32_t number(int32_t node) const { return numbers_[static_cast<size_t>(node)]; }

 private:
  static uint64_t edge(int32_t node, char byte) {
    return (static_cast<uint64_t>(node) << 8) | static_cast<uint8_t>(byte);
  }
  std::unordered_map<uint64_t, int32_t> children_;
  std::vector<int32_t> numbers_{-1};
};

}  // namespace llavakd
