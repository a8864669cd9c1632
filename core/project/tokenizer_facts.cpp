// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/tokenizer_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <system_error>

#include "core/io/gguf.h"
#include "core/io/json_file.h"
#include "core/io/sha256.h"
#include "core/project/errors.h"
#include "core/project/gguf_model.h"

namespace llavakd {

namespace fs = std::filesystem;

namespace {

using Json = nlohmann::ordered_json;

constexpr std::array kFiles{"tokenizer.json",          "tokenizer_config.json", "vocab.json",     "merges.txt",
                            "special_tokens_map.json", "added_tokens.json",     "tokenizer.model"};

/// Adds a token; an id that isn't a whole number from 0 on is a fault of the file.
void add(std::map<int64_t, std::string>& tokens, const std::string& token, const Json& id, const fs::path& file) {
  if (!id.is_number_integer() || id.get<int64_t>() < 0) {
    throw UserError(fmt::format("{}: the id of the token \"{}\" is {}, not a whole number from 0 on.", file.string(),
                                token, id.dump()));
  }
  tokens[id.get<int64_t>()] = token;
}

void add_object(std::map<int64_t, std::string>& tokens, const Json& vocabulary, const fs::path& file) {
  if (!vocabulary.is_object()) throw UserError(file.string() + ": the vocabulary must be an object of ids.");
  for (const auto& [token, id] : vocabulary.items()) add(tokens, token, id, file);
}

/// tokenizer.json of Hugging Face's tokenizers: BPE has an object token -> id, Unigram a list of [token, score].
void add_tokenizer_json(std::map<int64_t, std::string>& tokens, const fs::path& file) {
  const Json json = read_json(file);
  const auto model = json.is_object() ? json.find("model") : json.end();
  if (!json.is_object() || model == json.end() || !model->is_object() || !model->contains("vocab")) {
    throw UserError(file.string() + ": there is no model.vocab.");
  }
  const Json& vocabulary = model->at("vocab");
  if (vocabulary.is_array()) {
    int64_t id = 0;
    for (const Json& entry : vocabulary) {
      if (!entry.is_array() || entry.empty() || !entry[0].is_string()) {
        throw UserError(file.string() + ": model.vocab must list pairs of token and score.");
      }
      tokens[id++] = entry[0].get<std::string>();
    }
  } else {
    add_object(tokens, vocabulary, file);
  }
  const auto added = json.find("added_tokens");
  if (added == json.end() || !added->is_array()) return;
  for (const Json& token : *added) {
    if (!token.is_object() || !token.contains("id") || !token.contains("content") || !token["content"].is_string()) {
      throw UserError(file.string() + ": an entry of added_tokens has no id and content.");
    }
    add(tokens, token["content"].get<std::string>(), token["id"], file);
  }
}

/// The tokens that the slow tokenizers' config adds: {"added_tokens_decoder": {"151643": {"content": …}}}.
void add_decoder(std::map<int64_t, std::string>& tokens, const Json& config) {
  const auto decoder = config.find("added_tokens_decoder");
  if (decoder == config.end() || !decoder->is_object()) return;
  for (const auto& [id, token] : decoder->items()) {
    const bool number = !id.empty() && id.size() < 10 && id.find_first_not_of("0123456789") == std::string::npos;
    if (!number || !token.is_object() || !token.contains("content") || !token["content"].is_string()) continue;
    tokens[std::stoll(id)] = token["content"].get<std::string>();
  }
}

std::string text_of_token(const Json& token) {
  if (token.is_string()) return token.get<std::string>();
  if (token.is_object() && token.contains("content") && token["content"].is_string()) return token["content"];
  return {};
}

/// A GGUF file's tokens stand in its metadata, the id being the place.
TokenizerFacts read_gguf_tokenizer(const fs::path& path) {
  const GgufFile file = GgufFile::open(path);
  const std::vector<std::string> tokens = file.texts("tokenizer.ggml.tokens");
  TokenizerFacts facts;
  if (tokens.empty()) return facts;
  facts.files.push_back(path.filename().string());
  facts.entries = static_cast<int64_t>(tokens.size());
  facts.max_id = facts.entries - 1;
  auto vocabulary = std::make_shared<VocabularyList>();
  Sha256 hash;
  for (size_t id = 0; id < tokens.size(); ++id) {
    hash.add(tokens[id] + '\n');
    vocabulary->emplace_back(static_cast<int64_t>(id), tokens[id]);
  }
  facts.sha256 = hash.finish();
  facts.vocabulary = std::move(vocabulary);
  const int64_t eos = file.integer("tokenizer.ggml.eos_token_id").value_or(-1);
  if (eos >= 0 && eos < facts.entries) facts.eos_token = tokens[static_cast<size_t>(eos)];
  return facts;
}

}  // namespace

TokenizerFacts read_tokenizer_facts(const fs::path& folder, std::vector<std::string>& faults) {
  std::error_code error;
  try {
    fs::path gguf = gguf_file(folder);
    if (gguf.empty() && fs::is_regular_file(folder / kGgufTokenizer, error)) gguf = folder / kGgufTokenizer;
    if (!gguf.empty()) return read_gguf_tokenizer(gguf);
  } catch (const UserError& fault) {
    faults.emplace_back(fault.what());
    return {};
  }
  TokenizerFacts facts;
  for (const char* name : kFiles) {
    if (fs::is_regular_file(folder / name, error)) facts.files.emplace_back(name);
  }
  const auto has = [&](const char* name) {
    return std::find(facts.files.begin(), facts.files.end(), name) != facts.files.end();
  };
  try {
    std::map<int64_t, std::string> tokens;
    const Json config = has("tokenizer_config.json") ? read_json(folder / "tokenizer_config.json") : Json::object();
    if (config.is_object() && config.contains("eos_token")) facts.eos_token = text_of_token(config["eos_token"]);
    if (has("tokenizer.json")) {
      facts.sha256 = sha256_of_file(folder / "tokenizer.json");
      add_tokenizer_json(tokens, folder / "tokenizer.json");
    } else if (has("vocab.json")) {
      facts.sha256 = sha256_of_file(folder / "vocab.json");
      add_object(tokens, read_json(folder / "vocab.json"), folder / "vocab.json");
      if (has("added_tokens.json"))
        add_object(tokens, read_json(folder / "added_tokens.json"), folder / "added_tokens.json");
      if (config.is_object()) add_decoder(tokens, config);
    }
    facts.entries = static_cast<int64_t>(tokens.size());
    if (!tokens.empty()) {
      facts.max_id = tokens.rbegin()->first;
      facts.vocabulary = std::make_shared<const VocabularyList>(tokens.begin(), tokens.end());
    }
  } catch (const UserError& fault) {
    faults.emplace_back(fault.what());
  }
  return facts;
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
