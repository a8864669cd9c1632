// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/tokenizer.h"

#include <algorithm>

#include "core/base/printable.h"
#include "core/text/tokenizer_data.h"
#include "core/text/unicode.h"

namespace llavakd {

Tokenizer::Tokenizer(std::shared_ptr<const TokenizerData> data) : data_(std::move(data)) {}

Tokenizer Tokenizer::load(const std::filesystem::path& folder) {
  return Tokenizer(load_tokenizer_data(folder));
}

Tokenizer Tokenizer::from_parts(const TokenizerParts& parts) {
  return Tokenizer(tokenizer_data_of(parts));
}

std::vector<int64_t> Tokenizer::encode(std::string_view text) const {
  const TokenizerData& d = *data_;
  std::string repaired;
  if (!is_utf8(text)) {
    repaired = valid_utf8(text);
    text = repaired;
  }
  std::vector<int64_t> ids;
  const auto encode_words = [&](std::string_view piece, bool first) {
    std::deque<std::string> storage;
    for (const std::string_view word : d.pre_tokenizer.words(piece, first, storage)) d.model->encode(word, ids);
  };
  d.raw_finder.split(text, [&](std::string_view raw, const AddedToken* raw_token) {
    if (raw_token != nullptr) return ids.push_back(raw_token->id);
    const std::string normal = d.normalizer.apply(raw);
    d.normalized_finder.split(normal, [&](std::string_view piece, const AddedToken* token) {
      if (token != nullptr) return ids.push_back(token->id);
      encode_words(piece, raw.data() == text.data() && piece.data() == normal.data());
    });
  });
  return ids;
}

std::vector<int64_t> Tokenizer::encode_with_bos(std::string_view text) const {
  std::vector<int64_t> ids = encode(text);
  if (adds_bos()) ids.insert(ids.begin(), bos()->id);
  return ids;
}

std::string Tokenizer::decode(std::span<const int64_t> ids, bool skip_special) const {
  std::vector<std::string> tokens;
  for (const int64_t id : ids) {
    const auto token = data_->tokens.find(id);
    if (token == data_->tokens.end()) continue;
    const auto special = data_->special.find(id);
    if (skip_special && special != data_->special.end() && special->second) continue;
    tokens.push_back(token->second);
  }
  return data_->decoder.decode(std::move(tokens));
}

int64_t Tokenizer::size() const {
  return static_cast<int64_t>(data_->ids.size());
}
int64_t Tokenizer::max_id() const {
  return data_->max_id;
}

std::vector<std::pair<int64_t, std::string>> Tokenizer::vocabulary() const {
  std::vector<std::pair<int64_t, std::string>> tokens(data_->tokens.begin(), data_->tokens.end());
  std::ranges::sort(tokens);
  return tokens;
}

std::optional<std::string> Tokenizer::token(int64_t id) const {
  const auto it = data_->tokens.find(id);
  return it == data_->tokens.end() ? std::nullopt : std::optional(it->second);
}

std::optional<int64_t> Tokenizer::id(std::string_view token) const {
  const auto it = data_->ids.find(token);
  return it == data_->ids.end() ? std::nullopt : std::optional(it->second);
}

const std::optional<SpecialToken>& Tokenizer::bos() const {
  return data_->bos;
}
const std::optional<SpecialToken>& Tokenizer::eos() const {
  return data_->eos;
}
const std::optional<SpecialToken>& Tokenizer::pad() const {
  return data_->pad;
}
const std::optional<SpecialToken>& Tokenizer::unk() const {
  return data_->unk;
}
bool Tokenizer::adds_bos() const {
  return data_->adds_bos;
}
bool Tokenizer::legacy() const {
  return data_->legacy;
}
const std::vector<AddedToken>& Tokenizer::added_tokens() const {
  return data_->added;
}

std::optional<std::string> first_difference(const Tokenizer& teacher, const Tokenizer& student) {
  const int64_t common = std::min(teacher.max_id(), student.max_id());
  for (int64_t id = 0; id <= common; ++id) {
    const auto theirs = teacher.token(id);
    const auto ours = student.token(id);
    if (theirs && ours && *theirs != *ours) return theirs;
  }
  // Ids agree; a token may still have moved beyond the other's range.
  for (int64_t id = 0; id <= teacher.max_id(); ++id) {
    const auto token = teacher.token(id);
    const auto ours = token ? student.id(*token) : std::nullopt;
    if (ours && *ours != id) return token;
  }
  return std::nullopt;
}

}  // namespace llavakd
