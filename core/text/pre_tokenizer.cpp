// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/pre_tokenizer.h"

#include <fmt/format.h>

#include "core/project/errors.h"
#include "core/text/tokenizer_json.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;

// tokenizers' byte_level.rs and Qwen2Tokenizer, letter for letter.
constexpr std::string_view gpt2_pattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";
constexpr std::string_view qwen2_pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

SplitPattern split_from_json(const Json& json, const std::string& where) {
  const Json& pattern = required_key(json, "pattern", where);
  const std::string behavior = text_at(json, "behavior", where);
  if (behavior != "Isolated" && behavior != "Removed") {
    throw UserError(
        fmt::format("{}: the split behavior '{}' isn't supported, only Isolated and Removed are.", where, behavior));
  }
  const bool regex = pattern.is_object() && pattern.contains("Regex");
  const std::string text = text_at(pattern, regex ? "Regex" : "String", where + ".pattern");
  return SplitPattern(text, regex ? SplitPattern::Kind::regex : SplitPattern::Kind::literal,
                      behavior == "Removed" ? SplitPattern::Matches::removed : SplitPattern::Matches::isolated,
                      flag_at(json, "invert", false, where), where);
}

SplitPattern isolating(std::string_view pattern, const std::string& where) {
  return SplitPattern(pattern, SplitPattern::Kind::regex, SplitPattern::Matches::isolated, false, where);
}

}  // namespace

void PreTokenizer::add_byte_level(bool prefix_space, bool use_regex, const std::string& where) {
  Step step;
  step.prefix_space = prefix_space;
  if (use_regex) step.pattern.push_back(isolating(gpt2_pattern, where));
  steps_.push_back(std::move(step));
  byte_level_ = true;
}

void PreTokenizer::add_step(const Json& json, const std::string& where, int depth) {
  const std::string type = text_at(json, "type", where);
  if (byte_level_) throw UserError(fmt::format("{}: {} after ByteLevel isn't supported.", where, type));
  if (type == "Sequence" && depth == 0) {
    const Json& steps = required_key(json, "pretokenizers", where);
    if (!steps.is_array()) throw UserError(fmt::format("{}.pretokenizers must be a list.", where));
    for (const Json& step : steps) add_step(step, where + ".pretokenizers", depth + 1);
  } else if (type == "Split") {
    steps_.push_back({false, {split_from_json(json, where)}});
  } else if (type == "Digits") {
    const bool each = flag_at(json, "individual_digits", false, where);
    steps_.push_back({false, {isolating(each ? R"(\p{N})" : R"(\p{N}+)", where)}});
  } else if (type == "ByteLevel") {
    add_byte_level(flag_at(json, "add_prefix_space", true, where), flag_at(json, "use_regex", true, where), where);
  } else {
    throw UserError(fmt::format(
        "{}: the type '{}' isn't supported; byte-level BPE with Split, Digits and ByteLevel is.", where, type));
  }
}

PreTokenizer PreTokenizer::from_json(const Json& json, const std::string& where) {
  PreTokenizer result;
  if (!json.is_null()) result.add_step(json, where, 0);
  if (!result.byte_level_) {
    throw UserError(
        fmt::format("{}: no ByteLevel step: only byte-level BPE is supported, this tokenizer is of another "
                    "kind (SentencePiece-style).",
                    where));
  }
  return result;
}

PreTokenizer PreTokenizer::gpt2(bool add_prefix_space) {
  PreTokenizer result;
  result.add_byte_level(add_prefix_space, true, "GPT-2's pattern");
  return result;
}

PreTokenizer PreTokenizer::qwen2() {
  PreTokenizer result;
  result.steps_.push_back({false, {isolating(qwen2_pattern, "Qwen2's pattern")}});
  result.add_byte_level(false, false, "Qwen2's pattern");
  return result;
}

std::vector<std::string_view> PreTokenizer::words(std::string_view text, std::deque<std::string>& storage) const {
  std::vector<std::string_view> words{text};
  for (const Step& step : steps_) {
    if (step.prefix_space) {
      for (std::string_view& word : words) {
        if (!word.starts_with(' ')) word = storage.emplace_back(" " + std::string(word));
      }
    }
    if (step.pattern.empty()) continue;
    std::vector<std::string_view> parts;
    parts.reserve(text.size() / 4 + 1);
    for (const std::string_view word : words) step.pattern.front().split(word, parts);
    words = std::move(parts);
  }
  return words;
}

}  // namespace llavakd
