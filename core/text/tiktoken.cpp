// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/tiktoken.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

#include "core/base/errors.h"
#include "core/io/foreign_file.h"
#include "core/io/mapped_file.h"

namespace llavakd {
namespace {

int value_of_digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  return c == '/' ? 63 : -1;
}

std::optional<std::string> base64_decoded(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0) return std::nullopt;
  size_t padding = 0;
  while (padding < 2 && text.ends_with('=')) {
    text.remove_suffix(1);
    ++padding;
  }
  std::string bytes;
  uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const int value = value_of_digit(c);
    if (value < 0) return std::nullopt;
    bits = (bits << 6) | static_cast<uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes.push_back(static_cast<char>((bits >> count) & 0xFF));
  }
  return bytes;
}

std::optional<std::pair<std::string, int32_t>> token_of_line(std::string_view line) {
  const size_t space = line.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  const auto bytes = base64_decoded(line.substr(0, space));
  const std::string_view number = line.substr(space + 1);
  int32_t rank = -1;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), rank);
  const bool whole = error == std::errc() && end == number.data() + number.size();
  if (!bytes || !whole || rank < 0 || rank == std::numeric_limits<int32_t>::max()) return std::nullopt;
  return std::pair(*bytes, rank);
}

/// The next line without its end; takes it from `text`.
std::string_view take_line(std::string_view& text) {
  const size_t end = std::min(text.find('\n'), text.size());
  std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::vector<std::string> numbered(std::vector<std::string> names, std::string_view prefix, int first, int last) {
  for (int i = first; i <= last; ++i) names.push_back(fmt::format("{}{}|>", prefix, i));
  return names;
}

}  // namespace

TiktokenRanks read_tiktoken(const std::filesystem::path& path) {
  const auto file = MappedFile::open(path);
  std::string_view text = file->text();
  TiktokenRanks ranks;
  for (int64_t number = 1; !text.empty(); ++number) {
    const std::string_view line = take_line(text);
    if (line.empty()) continue;
    auto token = token_of_line(line);
    if (!token) {
      refuse_foreign_file(path, file->text());
      throw UserError(
          fmt::format("{}, line {}: it must be a token in base64, a space and its rank.", path.string(), number));
    }
    ranks.push_back(std::move(*token));
  }
  if (ranks.empty()) throw UserError(fmt::format("{}: there is no token in it.", path.string()));
  return ranks;
}

bool looks_like_tiktoken(std::string_view text) {
  return token_of_line(take_line(text)).has_value();
}

TiktokenFamily tiktoken_family(const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  if (name == "qwen.tiktoken") {
    return {"qwen2", true, numbered({"<|endoftext|>", "<|im_start|>", "<|im_end|>"}, "<|extra_", 0, 204), "",
            "<|endoftext|>"};
  }
  if (name == "tokenizer.model") {  // Llama 3
    auto special = numbered({"<|begin_of_text|>", "<|end_of_text|>"}, "<|reserved_special_token_", 0, 3);
    special.insert(special.end(),
                   {"<|start_header_id|>", "<|end_header_id|>", "<|reserved_special_token_4|>", "<|eot_id|>"});
    return {"llama-bpe", false, numbered(special, "<|reserved_special_token_", 5, 250), "<|begin_of_text|>",
            "<|end_of_text|>"};
  }
  throw UserError(
      fmt::format("{}: which split pattern and special tokens belong to this tiktoken file isn't known; qwen.tiktoken "
                  "and Llama 3's tokenizer.model are.",
                  path.string()));
}

}  // namespace llavakd
