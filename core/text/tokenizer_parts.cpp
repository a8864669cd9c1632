// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// A tokenizer from GGUF's metadata (ggml's docs/gguf.md, "Tokenizer").
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/errors.h"
#include "core/base/printable.h"
#include "core/text/tokenizer_builder.h"
#include "core/text/unicode.h"

namespace llavakd {
namespace {

// Values of tokenizer.ggml.token_type.
constexpr int32_t normal_type = 1;
constexpr int32_t unknown_type = 2;
constexpr int32_t control_type = 3;
constexpr int32_t user_defined_type = 4;

int32_t type_of(const TokenizerParts& parts, size_t id) {
  return parts.types.empty() ? normal_type : parts.types[id];
}

void check_list_lengths(const TokenizerParts& parts) {
  const auto check = [&](size_t length, const char* key) {
    if (length == parts.tokens.size()) return;
    throw UserError(fmt::format("{}: {} has {} entries, but tokenizer.ggml.tokens has {}; they must be as many.",
                                parts.where, key, length, parts.tokens.size()));
  };
  if (parts.tokens.empty()) throw UserError(fmt::format("{}: tokenizer.ggml.tokens is empty.", parts.where));
  if (parts.tokens.size() >= static_cast<size_t>(std::numeric_limits<int32_t>::max())) {
    throw UserError(fmt::format("{}: tokenizer.ggml.tokens is too long.", parts.where));
  }
  if (!parts.types.empty()) check(parts.types.size(), "tokenizer.ggml.token_type");
  if (parts.model == "llama") check(parts.scores.size(), "tokenizer.ggml.scores");
}

void add_tokens(const TokenizerParts& parts, TokenizerBuilder& builder) {
  for (size_t id = 0; id < parts.tokens.size(); ++id) {
    if (!is_utf8(parts.tokens[id])) {
      throw UserError(fmt::format("{}: tokenizer.ggml.tokens[{}] is not UTF-8.", parts.where, id));
    }
    builder.add_token(parts.tokens[id], static_cast<int32_t>(id), parts.where);
  }
}

/// Tokens that are matched literally in a text.
void add_special(const TokenizerParts& parts, TokenizerBuilder& builder) {
  for (size_t id = 0; id < parts.tokens.size(); ++id) {
    const int32_t type = type_of(parts, id);
    const bool special = type == control_type || type == unknown_type;
    if ((!special && type != user_defined_type) || parts.tokens[id].empty()) continue;
    AddedToken token;
    token.id = static_cast<int64_t>(id);
    token.content = parts.tokens[id];
    token.special = special;
    builder.add(std::move(token), parts.where);
  }
}

std::optional<SpecialToken> named_token(const TokenizerParts& parts, std::optional<int64_t> id, const char* key) {
  if (!id) return std::nullopt;
  if (*id < 0 || *id >= static_cast<int64_t>(parts.tokens.size())) {
    throw UserError(fmt::format("{}: tokenizer.ggml.{} is {}, but there are {} tokens.", parts.where, key, *id,
                                parts.tokens.size()));
  }
  return SpecialToken{parts.tokens[static_cast<size_t>(*id)], *id};
}

bool is_llama3(const TokenizerParts& parts) {
  return parts.model == "gpt2" && (parts.pre_tokenizer.starts_with("llama") || parts.pre_tokenizer == "falcon3");
}

void set_byte_level(const TokenizerParts& parts, TokenizerBuilder& builder) {
  TokenizerData& data = builder.data();
  if (parts.pre_tokenizer == "qwen2") data.normalizer.add_form(NormalForm::nfc);  // as Qwen2Tokenizer
  data.pre_tokenizer = PreTokenizer::named(parts.pre_tokenizer, parts.where + ": tokenizer.ggml.pre");
  // Llama 3's tokenizer.json has ignore_merges.
  auto model = builder.byte_level_bpe(is_llama3(parts));
  const std::string where = parts.where + ": tokenizer.ggml.merges";
  builder.set_merges(*model, merges_of_lines(parts.merges, where), where);
  data.model = std::move(model);
  data.decoder = Decoder::byte_level();
}

/// SentencePiece's BPE: of all neighbours that make a token those merge first whose token has the greatest score.
void set_scored_merges(const TokenizerParts& parts, BpeModel& model) {
  TextMap<int32_t> ids;
  for (size_t id = 0; id < parts.tokens.size(); ++id) {
    const int32_t type = type_of(parts, id);
    if (type != normal_type && type != user_defined_type) continue;
    if (!std::isfinite(parts.scores[id])) {
      throw UserError(fmt::format("{}: tokenizer.ggml.scores[{}] is not a finite number.", parts.where, id));
    }
    ids.emplace(parts.tokens[id], static_cast<int32_t>(id));
  }
  std::vector<Cut> cuts;
  for (const auto& [token, id] : ids) {
    const auto each = cuts_of(token, id, ids, false, parts.where + ": tokenizer.ggml.tokens");
    cuts.insert(cuts.end(), each.begin(), each.end());
    size_t begin = 0;
    while (std::string_view(token).substr(begin).starts_with("\u2581")) begin += 3;
    if (token.find("\u2581", begin) != std::string::npos) model.cuts_at_metaspace = false;
  }
  const auto score_of = [&](const Cut& cut) {
    return parts.scores[static_cast<size_t>(cut.joined)];
  };
  std::sort(cuts.begin(), cuts.end(), [&](const Cut& a, const Cut& b) { return score_of(a) > score_of(b); });
  model.merges = MergeTable(cuts.size());
  int32_t rank = 0;
  for (size_t i = 0; i < cuts.size(); ++i) {
    if (i > 0 && score_of(cuts[i]) != score_of(cuts[i - 1])) ++rank;  // equal scores: the leftmost first
    model.merges.insert(cuts[i].left, cuts[i].right, {rank, cuts[i].joined});
  }
}

void set_sentencepiece(const TokenizerParts& parts, TokenizerBuilder& builder) {
  TokenizerData& data = builder.data();
  const bool prefix = parts.adds_space_prefix.value_or(true);
  if (prefix) data.normalizer.add_prepend("\u2581");
  data.normalizer.add_replace(" ", "\u2581");
  auto model = builder.character_bpe(true, false);
  for (size_t id = 0; id < parts.tokens.size() && model->unk_id < 0; ++id) {
    if (type_of(parts, id) == unknown_type) model->unk_id = static_cast<int32_t>(id);
  }
  model->fuse_unk = true;
  set_scored_merges(parts, *model);
  data.model = std::move(model);
  data.decoder = Decoder::sentencepiece(prefix);
}

}  // namespace

std::shared_ptr<const TokenizerData> tokenizer_data_of(const TokenizerParts& parts) {
  if (parts.model != "gpt2" && parts.model != "llama") {
    throw UserError(
        fmt::format("{}: tokenizer.ggml.model '{}' isn't supported; gpt2 and llama are.", parts.where, parts.model));
  }
  check_list_lengths(parts);
  TokenizerBuilder builder;
  add_tokens(parts, builder);
  if (parts.model == "gpt2") {
    set_byte_level(parts, builder);
  } else {
    set_sentencepiece(parts, builder);
  }
  add_special(parts, builder);
  TokenizerData& data = builder.data();
  data.bos = named_token(parts, parts.bos, "bos_token_id");
  data.eos = named_token(parts, parts.eos, "eos_token_id");
  data.pad = named_token(parts, parts.pad, "padding_token_id");
  data.unk = named_token(parts, parts.unk, "unknown_token_id");
  // What llama.cpp (llama-vocab.cpp) does where the file doesn't say it.
  data.adds_bos = parts.adds_bos.value_or(parts.model == "llama" || is_llama3(parts));
  return builder.finish();
}

}  // namespace llavakd
