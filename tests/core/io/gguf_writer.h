// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace llavakd {

/// Builds GGUF bytes for tests, whole or damaged: what it writes is not checked.
class GgufWriter {
 public:
  template <typename T>
  static std::string raw(T value) {
    std::string bytes(sizeof value, '\0');
    std::memcpy(bytes.data(), &value, sizeof value);
    return bytes;
  }
  static std::string text(std::string_view value) { return raw(uint64_t{value.size()}) += value; }

  void add(std::string_view key, uint32_t type, const std::string& value) {
    entries_ += text(key) + raw(type) + value;
    ++entry_count;
  }
  void add(std::string_view key, std::string_view value) { add(key, 8, text(value)); }
  void add(std::string_view key, uint32_t value) { add(key, 4, raw(value)); }
  void add(std::string_view key, float value) { add(key, 6, raw(value)); }
  void add(std::string_view key, const std::vector<std::string>& values) {
    std::string bytes = raw(uint32_t{8}) + raw(uint64_t{values.size()});
    for (const std::string& value : values) bytes += text(value);
    add(key, 9, bytes);
  }

  /// Sizes with the fastest first, as the file has them.
  void tensor(std::string_view name, const std::vector<uint64_t>& sizes, uint32_t type, const std::string& data) {
    tensor(name, sizes, type, data_.size());
    data_ += data;
    data_.resize((data_.size() + 31) / 32 * 32, '\0');
  }
  void tensor(std::string_view name, const std::vector<uint64_t>& sizes, uint32_t type, uint64_t offset) {
    infos_ += text(name) + raw(static_cast<uint32_t>(sizes.size()));
    for (const uint64_t size : sizes) infos_ += raw(size);
    infos_ += raw(type) + raw(offset);
    ++tensor_count;
  }

  std::string bytes() const {
    std::string all = magic + raw(version) + raw(tensor_count) + raw(entry_count) + entries_ + infos_;
    all.resize((all.size() + 31) / 32 * 32, '\0');
    return all + data_;
  }

  std::string magic = "GGUF";
  uint32_t version = 3;
  uint64_t tensor_count = 0, entry_count = 0;

 private:
  std::string entries_, infos_, data_;
};

}  // namespace llavakd
