// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/tokenizer.h"

#include <algorithm>

#include "core/text/byte_alphabet.h"
#include "core/text/tokenizer_data.h"

namespace llavakd {

std::string TokenizerData::normalize(std::string_view text) const {
  std::string result(text);
  for (const NormalForm form : normalizers) result = normalized(result, form);
  return result;
}

Tokenizer::Tokenizer(std::shared_ptr<const TokenizerData> data) : data_(std::move(data)) {}

Tokenizer Tokenizer::load(const std::filesystem::path& folder) {
  return Tokenizer(load_tokenizer_data(folder));
}

std::vector<int64_t> Tokenizer::encode(std::string_view text) const {
  const TokenizerData& d = *data_;
  std::string repaired;
  if (!is_utf8(text)) {
    repaired = valid_utf8(text);
    text = repaired;
  }
  std::vector<int64_t> ids;
  const auto encode_piece = [&](std::string_view piece, const AddedToken* token) {
    if (token != nullptr) {
      ids.push_back(token->id);
      return;
    }
    std::deque<std::string> storage;
    for (const std::string_view word : d.pre_tokenizer.words(piece, storage)) d.bpe.encode(word, ids);
  };
  d.raw_finder.split(text, [&](std::string_view piece, const AddedToken* token) {
    if (token != nullptr) return encode_piece(piece, token);
    const std::string normal = d.normalize(piece);
    d.normalized_finder.split(normal, encode_piece);
  });
  return ids;
}

std::vector<int64_t> Tokenizer::encode_with_bos(std::string_view text) const {
  std::vector<int64_t> ids = encode(text);
  if (adds_bos()) ids.insert(ids.begin(), bos()->id);
  return ids;
}

std::string Tokenizer::decode(std::span<const int64_t> ids, bool skip_special) const {
  std::string bytes;
  for (const int64_t id : ids) {
    const auto token = data_->tokens.find(id);
    if (token == data_->tokens.end()) continue;
    const auto special = data_->special.find(id);
    if (skip_special && special != data_->special.end() && special->second) continue;
    bytes += bytes_of_token(token->second);
  }
  return valid_utf8(bytes);
}

int64_t Tokenizer::size() const {
  return static_cast<int64_t>(data_->ids.size());
}
int64_t Tokenizer::max_id() const {
  return data_->max_id;
}

std::optional<std::string> Tokenizer::token(int64_t id) const {
  const auto it = data_->tokens.find(id);
  return it == data_->tokens.end() ? std::nullopt : std::optional(it->second);
}

std::optional<int64_t> Tokenizer::id(std::string_view token) const {
  const auto it = data_->ids.find(std::string(token));
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
