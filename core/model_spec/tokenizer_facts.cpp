// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model_spec/tokenizer_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <system_error>

#include "core/base/errors.h"
#include "core/base/sha256.h"
#include "core/io/config_json.h"
#include "core/io/gguf.h"
#include "core/model_spec/load_tokenizer.h"

namespace llavakd {

namespace fs = std::filesystem;

namespace {

constexpr std::array kFiles{"tokenizer.json",        "vocab.json", "tokenizer.model",   "qwen.tiktoken",
                            "tokenizer_config.json", "merges.txt", "added_tokens.json", "special_tokens_map.json"};
// Those of which one makes a tokenizer, in the order in which they are taken.
constexpr size_t kVocabularies = 4;

// Spaces, capitals, digits, signs, another script, a line break and an emoji: what tokenizers cut in different ways.
constexpr const char* kSampleText = "What is  this? It's 12,345 naïve cafés \n\t— 日本語 и ещё 🙂 (ok).";

void add_tokenizer(TokenizerFacts& facts, const Tokenizer& tokenizer) {
  facts.entries = tokenizer.size();
  facts.max_id = tokenizer.max_id();
  if (tokenizer.eos()) facts.eos_token = tokenizer.eos()->text;
  facts.adds_bos = tokenizer.adds_bos();
  facts.sample_ids = tokenizer.encode(kSampleText);
  if (facts.entries > 0) facts.vocabulary = std::make_shared<const VocabularyList>(tokenizer.vocabulary());
}

/// A GGUF file's tokens are in its metadata.
std::string sha256_of_tokens(const VocabularyList& vocabulary) {
  Sha256 hash;
  for (const auto& [id, token] : vocabulary) hash.add(token + '\n');
  return hash.finish();
}

}  // namespace

TokenizerFacts read_tokenizer_facts(const fs::path& folder, std::vector<std::string>& faults) {
  TokenizerFacts facts;
  std::error_code error;
  try {
    const fs::path gguf = gguf_of_tokenizer(folder);
    if (!gguf.empty()) {
      if (GgufFile::open(gguf).texts("tokenizer.ggml.tokens").empty()) return facts;
      facts.files.push_back(gguf.filename().string());
    }
    for (const char* name : kFiles) {
      if (gguf.empty() && fs::is_regular_file(folder / name, error)) facts.files.emplace_back(name);
    }
    const auto is_vocabulary = [&](const std::string& file) {
      return std::find(kFiles.begin(), kFiles.begin() + kVocabularies, file) != kFiles.begin() + kVocabularies;
    };
    if (gguf.empty() && (facts.files.empty() || !is_vocabulary(facts.files.front()))) return facts;
    add_tokenizer(facts, load_tokenizer(folder));
    if (gguf.empty()) {
      facts.sha256 = sha256_of_file(folder / facts.files.front());
    } else if (facts.vocabulary) {
      facts.sha256 = sha256_of_tokens(*facts.vocabulary);
    }
  } catch (const UserError& fault) {
    faults.emplace_back(fault.what());
  }
  return facts;
}

std::optional<std::string> bos_difference(const fs::path& folder, const TokenizerFacts& facts) {
  const auto there = [&](const char* name) {
    return std::ranges::find(facts.files, name) != facts.files.end();
  };
  if (facts.entries == 0 || !there("tokenizer.json") || !there("tokenizer_config.json")) return std::nullopt;
  const fs::path file = folder / "tokenizer_config.json";
  const nlohmann::ordered_json config = read_config_file(file);
  const auto wanted = config.find("add_bos_token");
  if (wanted == config.end() || !wanted->is_boolean() || wanted->get<bool>() == facts.adds_bos) return std::nullopt;
  return fmt::format(
      "{}: add_bos_token is {}, which is passed over: tokenizer.json counts, which puts {} in front of a "
      "text.",
      file.string(), wanted->dump(), facts.adds_bos ? "BOS" : "nothing");
}

bool has_token(const TokenizerFacts& facts, std::string_view token) {
  return facts.vocabulary &&
         std::ranges::any_of(*facts.vocabulary, [&](const auto& entry) { return entry.second == token; });
}

VocabularyDifference compare_vocabularies(const TokenizerFacts& teacher, const TokenizerFacts& student) {
  VocabularyDifference result;
  if (!teacher.vocabulary || !student.vocabulary) return result;
  auto a = teacher.vocabulary->begin();
  auto b = student.vocabulary->begin();
  while (a != teacher.vocabulary->end() && b != student.vocabulary->end()) {
    if (a->first < b->first) {
      ++a;
    } else if (b->first < a->first) {
      ++b;
    } else if (a->second != b->second) {
      return {result.common, a->first, a->second, b->second};
    } else {
      ++result.common, ++a, ++b;
    }
  }
  return result;
}

}  // namespace llavakd
