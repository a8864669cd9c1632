// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/gguf.h"

#include <fmt/format.h>

#include <cstring>
#include <nlohmann/json.hpp>

#include "core/base/errors.h"
#include "core/base/printable.h"
#include "core/io/gguf_types.h"

namespace llavakd {

using namespace gguf;

namespace {

int64_t load_integer(uint32_t type, const std::byte* data) {
  switch (type) {
    case u8:
      return load<uint8_t>(data);
    case i8:
      return load<int8_t>(data);
    case u16:
      return load<uint16_t>(data);
    case i16:
      return load<int16_t>(data);
    case u32:
      return load<uint32_t>(data);
    case i32:
      return load<int32_t>(data);
    default:
      return load<int64_t>(data);
  }
}

bool is_integer(uint32_t type) {
  return type <= i32 || type == i64 || type == u64;
}

}  // namespace

void GgufFile::refuse(std::string_view key, std::string_view expected) const {
  throw UserError(fmt::format("{}: the metadata entry {} is not {}.", path().string(), key, expected));
}

std::string GgufFile::metadata_file() const {
  struct {
    char magic[4];
    uint32_t version;
    uint64_t tensors, entries;
  } const header{{'G', 'G', 'U', 'F'}, version_, 0, values_.size()};
  std::string bytes(reinterpret_cast<const char*>(&header), sizeof header);
  return bytes += metadata_;
}

const GgufFile::Value* GgufFile::find(std::string_view key, bool array) const {
  const auto found = values_.find(key);
  if (found == values_.end()) return nullptr;
  if (found->second.is_array != array) refuse(key, array ? "a list" : "a single value");
  return &found->second;
}

std::optional<int64_t> GgufFile::integer(std::string_view key) const {
  const Value* value = find(key, false);
  if (!value) return std::nullopt;
  if (!is_integer(value->type)) refuse(key, "a whole number");
  const int64_t result = load_integer(value->type, value->bytes.data());
  if (value->type == u64 && result < 0) refuse(key, "a number below 2^63");
  return result;
}

std::optional<double> GgufFile::number(std::string_view key) const {
  const Value* value = find(key, false);
  if (!value) return std::nullopt;
  if (value->type == f32) return load<float>(value->bytes.data());
  if (value->type == f64) return load<double>(value->bytes.data());
  return static_cast<double>(*integer(key));
}

std::optional<bool> GgufFile::boolean(std::string_view key) const {
  const Value* value = find(key, false);
  if (!value) return std::nullopt;
  if (value->type != boolean_) refuse(key, "true or false");
  return value->bytes[0] != std::byte{0};
}

std::optional<std::string> GgufFile::text(std::string_view key) const {
  const Value* value = find(key, false);
  if (!value) return std::nullopt;
  if (value->type != string_) refuse(key, "text");
  std::string text(reinterpret_cast<const char*>(value->bytes.data()) + 8, value->bytes.size() - 8);
  if (!is_utf8(text)) refuse(key, "UTF-8");
  return text;
}

std::vector<std::string> GgufFile::keys() const {
  std::vector<std::string> keys;
  for (const auto& [key, value] : values_) keys.emplace_back(key);
  return keys;
}

nlohmann::ordered_json GgufFile::value(std::string_view key) const {
  const Value& value = values_.at(key);
  constexpr uint64_t most = 16;
  if (value.is_array && (value.count > most || value.type == string_)) return fmt::format("a list of {}", value.count);
  const auto scalar = [&](size_t at) -> nlohmann::ordered_json {
    const std::byte* data = value.bytes.data() + at;
    if (value.type == boolean_) return *data != std::byte{0};
    if (value.type == f32) return load<float>(data);
    if (value.type == f64) return load<double>(data);
    if (value.type == u64) return load<uint64_t>(data);
    return load_integer(value.type, data);
  };
  if (value.type == string_)
    return printable({reinterpret_cast<const char*>(value.bytes.data()) + 8, value.bytes.size() - 8}, 200);
  if (!value.is_array) return scalar(0);
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (uint64_t i = 0; i < value.count; ++i) list.push_back(scalar(i * kSizes[value.type]));
  return list;
}

std::vector<std::string> GgufFile::texts(std::string_view key) const {
  const Value* value = find(key, true);
  if (!value) return {};
  if (value->type != string_) refuse(key, "a list of texts");
  std::vector<std::string> result;
  result.reserve(value->count);
  size_t at = 0;
  for (uint64_t i = 0; i < value->count; ++i) {
    const auto size = load<uint64_t>(value->bytes.data() + at);  // checked when the file was opened
    result.emplace_back(reinterpret_cast<const char*>(value->bytes.data()) + at + 8, size);
    at += 8 + size;
  }
  return result;
}

std::vector<int32_t> GgufFile::integers(std::string_view key) const {
  const Value* value = find(key, true);
  if (!value) return {};
  if (!is_integer(value->type)) refuse(key, "a list of whole numbers");
  std::vector<int32_t> result;
  result.reserve(value->count);
  for (uint64_t i = 0; i < value->count; ++i) {
    const int64_t number = load_integer(value->type, value->bytes.data() + i * kSizes[value->type]);
    if (number < INT32_MIN || number > INT32_MAX) refuse(key, "a list of numbers of 32 bits");
    result.push_back(static_cast<int32_t>(number));
  }
  return result;
}

std::vector<float> GgufFile::numbers(std::string_view key) const {
  const Value* value = find(key, true);
  if (!value) return {};
  if (value->type != f32) refuse(key, "a list of numbers");
  std::vector<float> result(value->count);
  if (value->count > 0) std::memcpy(result.data(), value->bytes.data(), value->bytes.size());
  return result;
}

}  // namespace llavakd
