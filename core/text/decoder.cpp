// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/decoder.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "core/base/errors.h"
#include "core/base/printable.h"
#include "core/text/byte_alphabet.h"
#include "core/text/normalizer.h"
#include "core/text/tokenizer_json.h"
#include "core/text/unicode.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t longest_decoded = 64;
constexpr std::string_view replacement_character = "\uFFFD";

/// "<0x0A>" is a byte.
std::optional<char> byte_of(std::string_view token) {
  if (token.size() != 6 || !token.starts_with("<0x") || token.back() != '>') return std::nullopt;
  unsigned value = 0;
  const auto [end, error] = std::from_chars(token.data() + 3, token.data() + 5, value, 16);
  if (error != std::errc() || end != token.data() + 5) return std::nullopt;
  return static_cast<char>(value);
}

/// Runs of bytes become one token; where one isn't UTF-8, each of its bytes is U+FFFD.
std::vector<std::string> without_bytes(const std::vector<std::string>& tokens) {
  std::vector<std::string> out;
  std::string bytes;
  const auto flush = [&] {
    if (bytes.empty()) return;
    if (is_utf8(bytes)) {
      out.push_back(bytes);
    } else {
      out.insert(out.end(), bytes.size(), std::string(replacement_character));
    }
    bytes.clear();
  };
  for (const std::string& token : tokens) {
    if (const auto byte = byte_of(token)) {
      bytes.push_back(*byte);
      continue;
    }
    flush();
    out.push_back(token);
  }
  flush();
  return out;
}

std::string joined(const std::vector<std::string>& tokens, std::string_view between) {
  std::string text;
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (i > 0) text += between;
    text += tokens[i];
  }
  return text;
}

size_t size_of(const std::vector<std::string>& tokens) {
  size_t size = 0;
  for (const std::string& token : tokens) size += token.size();
  return size;
}

std::string strip_character(std::string_view token, std::string_view character, size_t start, size_t stop) {
  for (; start > 0 && token.starts_with(character); --start) token.remove_prefix(character.size());
  for (; stop > 0 && token.ends_with(character); --stop) token.remove_suffix(character.size());
  return std::string(token);
}

std::string one_character(const Json& json, const char* key, const std::string& where) {
  std::string text = text_at(json, key, where);
  if (text.empty() || code_point_at(text, 0).length != text.size()) {
    throw UserError(fmt::format("{}.{} must be one character, but it is '{}'.", where, key, text));
  }
  return text;
}

size_t count_at(const Json& json, const char* key, const std::string& where) {
  const Json& value = required_key(json, key, where);
  if (!value.is_number_unsigned()) throw UserError(fmt::format("{}.{} must be a count.", where, key));
  return value.get<size_t>();
}

}  // namespace

Decoder Decoder::byte_level() {
  Decoder decoder;
  decoder.steps_.push_back({Kind::byte_level, {}, {}, {}, 0, 0, false});
  return decoder;
}

Decoder Decoder::sentencepiece(bool strips_prefix) {
  Decoder decoder;
  decoder.steps_.push_back({Kind::replace, "\u2581", " ", {}, 0, 0, false});
  decoder.steps_.push_back({Kind::byte_fallback, {}, {}, {}, 0, 0, false});
  decoder.steps_.push_back({Kind::fuse, {}, {}, {}, 0, 0, false});
  if (strips_prefix) decoder.steps_.push_back({Kind::strip, " ", {}, {}, 1, 0, false});
  return decoder;
}

Decoder Decoder::from_json(const Json& json, const std::string& where) {
  Decoder result;
  if (!json.is_null()) result.add_step(json, where, 0);
  return result;
}

void Decoder::add_step(const Json& json, const std::string& where, int depth) {
  const std::string type = text_at(json, "type", where);
  Step step;
  if (type == "Sequence") {
    const Json& steps = required_key(json, "decoders", where);
    if (!steps.is_array()) throw UserError(fmt::format("{}.decoders must be a list.", where));
    if (depth == deepest_sequence) throw UserError(fmt::format("{}: sequences are nested too deeply.", where));
    for (const Json& each : steps) add_step(each, where + ".decoders", depth + 1);
    return;
  }
  if (type == "ByteLevel") {
    step.kind = Kind::byte_level;
  } else if (type == "ByteFallback") {
    step.kind = Kind::byte_fallback;
  } else if (type == "Fuse") {
    step.kind = Kind::fuse;
  } else if (type == "Replace") {
    const Json& pattern = required_key(json, "pattern", where);
    const bool regex = pattern.is_object() && pattern.contains("Regex");
    step.kind = regex ? Kind::replace_pattern : Kind::replace;
    step.what = text_at(pattern, regex ? "Regex" : "String", where + ".pattern");
    step.content = text_at(json, "content", where);
    if (step.what.empty()) throw UserError(fmt::format("{}.pattern must not be empty.", where));
    if (step.content.size() > longest_decoded) {
      throw UserError(fmt::format("{}.content has {} bytes; at most {} are supported.", where, step.content.size(),
                                  longest_decoded));
    }
    if (regex) {
      step.pattern.emplace_back(step.what, SplitPattern::Kind::regex, SplitPattern::Matches::isolated, false, where);
    }
  } else if (type == "Strip") {
    step.kind = Kind::strip;
    step.what = one_character(json, "content", where);
    step.start = count_at(json, "start", where);
    step.stop = count_at(json, "stop", where);
  } else if (type == "Metaspace") {
    step.kind = Kind::metaspace;
    step.what = one_character(json, "replacement", where);
    step.drops_prefix = json.contains("prepend_scheme") ? text_at(json, "prepend_scheme", where) != "never"
                                                        : flag_at(json, "add_prefix_space", true, where);
  } else {
    throw UserError(fmt::format(
        "{}: the decoder '{}' isn't supported; ByteLevel, Replace, ByteFallback, Fuse, Strip and Metaspace are.", where,
        type));
  }
  steps_.push_back(std::move(step));
}

void Decoder::apply(const Step& step, std::vector<std::string>& tokens) {
  switch (step.kind) {
    case Kind::byte_level:
      for (std::string& token : tokens) token = bytes_of_token(token);
      tokens = {valid_utf8(joined(tokens, ""))};
      return;
    case Kind::fuse:
      tokens = {joined(tokens, "")};
      return;
    case Kind::byte_fallback:
      tokens = without_bytes(tokens);
      return;
    case Kind::replace:
      for (std::string& token : tokens) token = replaced_text(token, step.what, step.content);
      return;
    case Kind::replace_pattern:
      for (std::string& token : tokens) token = step.pattern.front().replaced(token, step.content);
      return;
    case Kind::strip:
      for (std::string& token : tokens) token = strip_character(token, step.what, step.start, step.stop);
      return;
    case Kind::metaspace:
      for (size_t i = 0; i < tokens.size(); ++i) {
        tokens[i] = replaced_text(tokens[i], step.what, i == 0 && step.drops_prefix ? "" : " ");
      }
      return;
  }
}

std::string Decoder::decode(std::vector<std::string> tokens) const {
  const size_t before = size_of(tokens);
  for (const Step& step : steps_) {
    apply(step, tokens);
    check_growth(before, size_of(tokens), "The decoder of the tokenizer");
  }
  return valid_utf8(joined(tokens, steps_.empty() ? " " : ""));
}

}  // namespace llavakd
