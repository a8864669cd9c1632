// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace llavakd {

/// The tokens of a vocabulary with their ids, in the order of the ids.
using VocabularyList = std::vector<std::pair<int64_t, std::string>>;

/// The tokenizer's files in a folder.
struct TokenizerFacts {
  std::vector<std::string> files;  ///< tokenizer.json, vocab.json, … as far as there.
  int64_t entries = 0;             ///< Tokens with an id, added ones included; 0: none found or not readable.
  int64_t max_id = -1;
  std::string sha256;  ///< Hash of tokenizer.json, of the file that is read in its place, or of a GGUF file's tokens.
  std::string eos_token;            ///< Empty: it has none.
  bool adds_bos = false;            ///< A text begins with BOS.
  std::vector<int64_t> sample_ids;  ///< Ids of one fixed text, to distinguish tokenizers that have the same vocabulary.
  std::shared_ptr<const VocabularyList> vocabulary;  ///< Null when `entries` is 0.
};

/// The facts of the tokenizer that load_tokenizer (load_tokenizer.h) gives, which runs use. A folder without one has no
/// entries. Faults are appended, one sentence each; nothing is thrown for what is wrong inside the folder.
TokenizerFacts read_tokenizer_facts(const std::filesystem::path& folder, std::vector<std::string>& faults);

/// What to say where tokenizer_config.json's add_bos_token and tokenizer.json's post-processor differ, or nothing.
/// Beside tokenizer.json the key doesn't count (transformers 5.24; version 4 replaced the post-processor by it).
std::optional<std::string> bos_difference(const std::filesystem::path& folder, const TokenizerFacts& facts);

/// Whether the vocabulary has this token.
bool has_token(const TokenizerFacts& facts, std::string_view token);

/// How two vocabularies differ where both have the id.
struct VocabularyDifference {
  int64_t common = 0;  ///< Ids that mean the same in both.
  int64_t id = -1;     ///< First id that means different tokens; -1: none.
  std::string teacher_token, student_token;
};

/// Compares id by id. Null vocabularies have nothing in common.
VocabularyDifference compare_vocabularies(const TokenizerFacts& teacher, const TokenizerFacts& student);

}  // namespace llavakd
