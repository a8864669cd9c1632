// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/pre_tokenizer.h"

#include <fmt/format.h>

#include <map>

#include "core/base/errors.h"
#include "core/text/normalizer.h"
#include "core/text/tokenizer_json.h"
#include "core/text/unicode.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;

// tokenizers' byte_level.rs, and the patterns in the tokenizer.json of the families, letter for letter.
constexpr std::string_view gpt2_pattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";
constexpr std::string_view qwen2_pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr std::string_view llama3_pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr std::string_view each_digit = R"(\p{N})";

struct Named {
  std::string_view name;
  std::string_view pattern;  // in front of ByteLevel
  bool gpt2;                 // ByteLevel cuts by GPT-2's pattern
};
constexpr Named named_pre_tokenizers[] = {
    {"gpt-2", "", true},                         //
    {"phi-2", "", true},                         //
    {"olmo", "", true},                          // GPT-NeoX's vocabulary, which StableLM 3B has too
    {"qwen2", qwen2_pattern, false},             //
    {"deepseek-r1-qwen", qwen2_pattern, false},  // DeepSeek-R1-Distill-Qwen
    {"stablelm2", qwen2_pattern, false},         //
    {"llama-bpe", llama3_pattern, false},        //
    {"llama3", llama3_pattern, false},           // other names of llama-bpe
    {"llama-v3", llama3_pattern, false},         //
    {"falcon3", llama3_pattern, false},          //
    {"dbrx", llama3_pattern, false},             // Phi-4 has it
    {"smollm", each_digit, true},                //
    {"starcoder", each_digit, true},             //
    {"refact", each_digit, true},                //
    {"command-r", each_digit, true},             //
};

SplitPattern::Matches behavior_of(const std::string& behavior, const std::string& where) {
  using Matches = SplitPattern::Matches;
  static const std::map<std::string, Matches> behaviors{{"Isolated", Matches::isolated},
                                                        {"Removed", Matches::removed},
                                                        {"MergedWithPrevious", Matches::merged_with_previous},
                                                        {"MergedWithNext", Matches::merged_with_next},
                                                        {"Contiguous", Matches::contiguous}};
  const auto known = behaviors.find(behavior);
  if (known == behaviors.end()) throw UserError(fmt::format("{}: unknown split behavior '{}'.", where, behavior));
  return known->second;
}

SplitPattern split_from_json(const Json& json, const std::string& where) {
  const Json& pattern = required_key(json, "pattern", where);
  const bool regex = pattern.is_object() && pattern.contains("Regex");
  const std::string text = text_at(pattern, regex ? "Regex" : "String", where + ".pattern");
  return SplitPattern(text, regex ? SplitPattern::Kind::regex : SplitPattern::Kind::literal,
                      behavior_of(text_at(json, "behavior", where), where), flag_at(json, "invert", false, where),
                      where);
}

SplitPattern isolating(std::string_view pattern, const std::string& where) {
  return SplitPattern(pattern, SplitPattern::Kind::regex, SplitPattern::Matches::isolated, false, where);
}

SplitPattern removing(std::string_view pattern, bool invert, const std::string& where) {
  return SplitPattern(pattern, SplitPattern::Kind::regex, SplitPattern::Matches::removed, invert, where);
}

}  // namespace

void PreTokenizer::add_pattern(SplitPattern pattern) {
  Step step;
  step.pattern.push_back(std::move(pattern));
  steps_.push_back(std::move(step));
}

void PreTokenizer::add_metaspace(const Json& json, const std::string& where) {
  Step step;
  step.metaspace = text_at(json, "replacement", where);
  if (step.metaspace.empty() || code_point_at(step.metaspace, 0).length != step.metaspace.size()) {
    throw UserError(fmt::format("{}.replacement must be one character, but it is '{}'.", where, step.metaspace));
  }
  // Older files have add_prefix_space in place of prepend_scheme.
  const std::string scheme = json.contains("prepend_scheme")                  ? text_at(json, "prepend_scheme", where)
                             : flag_at(json, "add_prefix_space", true, where) ? "always"
                                                                              : "never";
  static const std::map<std::string, Prepend> schemes{
      {"always", Prepend::always}, {"first", Prepend::first}, {"never", Prepend::never}};
  const auto known = schemes.find(scheme);
  if (known == schemes.end()) {
    throw UserError(fmt::format("{}.prepend_scheme '{}' is unknown; always, first and never are.", where, scheme));
  }
  step.prepend = known->second;
  if (flag_at(json, "split", true, where)) {
    step.pattern.emplace_back(step.metaspace, SplitPattern::Kind::literal, SplitPattern::Matches::merged_with_next,
                              false, where);
  }
  steps_.push_back(std::move(step));
}

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
  if (type == "Sequence") {
    const Json& steps = required_key(json, "pretokenizers", where);
    if (depth == deepest_sequence) throw UserError(fmt::format("{}: sequences are nested too deeply.", where));
    if (!steps.is_array()) throw UserError(fmt::format("{}.pretokenizers must be a list.", where));
    for (const Json& step : steps) add_step(step, where + ".pretokenizers", depth + 1);
  } else if (type == "Split") {
    add_pattern(split_from_json(json, where));
  } else if (type == "Digits") {
    const bool each = flag_at(json, "individual_digits", false, where);
    add_pattern(isolating(each ? each_digit : R"(\p{N}+)", where));
  } else if (type == "WhitespaceSplit") {
    add_pattern(removing(R"(\s)", false, where));
  } else if (type == "Whitespace") {
    // \w+|[^\w\s]+ of Rust's regex, whose \w has the joiners too.
    add_pattern(removing(R"([\w\x{200C}\x{200D}]+|[^\w\s\x{200C}\x{200D}]+)", true, where));
  } else if (type == "Metaspace") {
    add_metaspace(json, where);
  } else if (type == "ByteLevel") {
    add_byte_level(flag_at(json, "add_prefix_space", true, where), flag_at(json, "use_regex", true, where), where);
  } else {
    throw UserError(fmt::format(
        "{}: the type '{}' isn't supported; Split, Digits, Whitespace, WhitespaceSplit, Metaspace and ByteLevel are.",
        where, type));
  }
}

PreTokenizer PreTokenizer::from_json(const Json& json, const std::string& where) {
  PreTokenizer result;
  if (!json.is_null()) result.add_step(json, where, 0);
  return result;
}

PreTokenizer PreTokenizer::gpt2(bool add_prefix_space) {
  PreTokenizer result;
  result.add_byte_level(add_prefix_space, true, "GPT-2's pattern");
  return result;
}

PreTokenizer PreTokenizer::named(std::string_view name, const std::string& where) {
  std::string known;
  for (const Named& each : named_pre_tokenizers) {
    if (each.name == name) {
      PreTokenizer result;
      if (!each.pattern.empty()) result.add_pattern(isolating(each.pattern, where));
      result.add_byte_level(false, each.gpt2, where);
      return result;
    }
    known += fmt::format("{}{}", known.empty() ? "" : ", ", each.name);
  }
  throw UserError(fmt::format("{}: the pre-tokenizer '{}' isn't supported; {} are.", where, name, known));
}

std::vector<std::string_view> PreTokenizer::words(std::string_view text, bool first,
                                                  std::deque<std::string>& storage) const {
  std::vector<std::string_view> words{text};
  const char* begin = first ? text.data() : nullptr;  // where the first word of the input is, as steps rewrite it
  for (const Step& step : steps_) {
    for (std::string_view& word : words) {
      const bool at_begin = word.data() == begin;
      if (step.prefix_space && !word.starts_with(' ')) word = storage.emplace_back(" " + std::string(word));
      if (!step.metaspace.empty()) {
        std::string& spaced = storage.emplace_back(replaced_text(word, " ", step.metaspace));
        const bool wanted = step.prepend == Prepend::always || (step.prepend == Prepend::first && at_begin);
        if (wanted && !spaced.starts_with(step.metaspace)) spaced.insert(0, step.metaspace);
        word = spaced;
      }
      if (at_begin) begin = word.data();
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
