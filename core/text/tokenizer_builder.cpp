// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/tokenizer_builder.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/errors.h"
#include "core/base/printable.h"
#include "core/text/byte_alphabet.h"
#include "core/text/tokenizer_json.h"
#include "core/text/unicode.h"

namespace llavakd {
namespace {

/// Longest token of which all cuts are tried; the longest in use are 128 spaces.
constexpr size_t longest_cut_token = 256;
/// Added tokens are looked for at each position of a text, so that long ones would take long.
constexpr size_t longest_added_token = 1000;

/// Whether a metaspace follows another character.
bool has_inner_metaspace(std::string_view token) {
  while (token.starts_with(metaspace_character)) token.remove_prefix(metaspace_character.size());
  return token.find(metaspace_character) != std::string_view::npos;
}

}  // namespace

void TokenizerBuilder::add_token(const std::string& text, int32_t id, const std::string& where) {
  const auto [known, inserted] = data_->tokens.emplace(id, text);
  if (!inserted) {
    throw UserError(fmt::format("{}: '{}' and '{}' have the same id {}.", where, known->second, text, id));
  }
  data_->ids.emplace(text, id);
  data_->max_id = std::max<int64_t>(data_->max_id, id);
}

void TokenizerBuilder::add_vocabulary(const nlohmann::ordered_json& vocab, const std::string& where) {
  if (!vocab.is_object()) {
    throw UserError(fmt::format("{} must be an object of integers, but it is {}.", where, vocab.type_name()));
  }
  data_->ids.reserve(vocab.size() * 2);
  for (const auto& item : vocab.items()) {
    add_token(item.key(), token_id_of(item.value(), fmt::format("{}[\"{}\"]", where, item.key())), where);
  }
}

std::unique_ptr<BpeModel> TokenizerBuilder::byte_level_bpe(bool ignore_merges) const {
  auto model = std::make_unique<BpeModel>();
  for (int byte = 0; byte < 256; ++byte) {
    std::string token;
    append_utf8(token, character_of_byte(static_cast<uint8_t>(byte)));
    const auto it = data_->ids.find(token);
    if (it != data_->ids.end()) model->byte_ids[static_cast<size_t>(byte)] = static_cast<int32_t>(it->second);
  }
  model->ignore_merges = ignore_merges;
  for (const auto& [id, token] : data_->tokens) {
    if (!ignore_merges) break;
    if (const auto bytes = bytes_of_alphabet(token)) model->vocab.emplace(*bytes, static_cast<int32_t>(id));
  }
  return model;
}

std::unique_ptr<BpeModel> TokenizerBuilder::character_bpe(bool byte_fallback, bool ignore_merges) const {
  auto model = std::make_unique<BpeModel>();
  model->byte_level = false;
  for (int byte = 0; byte < 256 && byte_fallback; ++byte) {
    const auto it = data_->ids.find(fmt::format("<0x{:02X}>", byte));
    if (it != data_->ids.end()) model->byte_ids[static_cast<size_t>(byte)] = static_cast<int32_t>(it->second);
  }
  model->ignore_merges = ignore_merges;
  for (const auto& [token, id] : data_->ids) {
    if (ignore_merges) model->vocab.emplace(token, static_cast<int32_t>(id));
    if (token.empty()) continue;
    const CodePoint c = code_point_at(token, 0);
    if (c.length == token.size()) model->character_ids.emplace(c.value, static_cast<int32_t>(id));
  }
  // A known metaspace ends a run of unknown characters, so that a cut before it can't tear one.
  model->cuts_at_metaspace = data_->ids.contains(metaspace_character);
  return model;
}

void TokenizerBuilder::set_merges(BpeModel& model, const std::vector<TokenPair>& merges,
                                  const std::string& where) const {
  const auto id_of = [&](const std::string& token, size_t rank) {
    const auto it = data_->ids.find(token);
    if (it == data_->ids.end()) {
      const auto& [left, right] = merges[rank];
      throw UserError(fmt::format("{}[{}]: the merge '{} {}' needs the token '{}', which is not in the vocabulary.",
                                  where, rank, printable(left), printable(right), printable(token)));
    }
    return static_cast<int32_t>(it->second);
  };
  model.merges = MergeTable(merges.size());
  for (size_t rank = 0; rank < merges.size(); ++rank) {
    const auto& [left, right] = merges[rank];
    const std::string joined = left + right;
    if (has_inner_metaspace(joined)) model.cuts_at_metaspace = false;
    model.merges.insert(id_of(left, rank), id_of(right, rank), {static_cast<int32_t>(rank), id_of(joined, rank)});
  }
}

void TokenizerBuilder::add(AddedToken token, const std::string& where) {
  if (token.content.size() > longest_added_token) {
    throw UserError(fmt::format("{}: the added token {} has {} bytes; at most {} are supported.", where, token.id,
                                token.content.size(), longest_added_token));
  }
  if (!added_contents_.insert(token.content).second) return;
  data_->ids[token.content] = token.id;
  // tokenizers decodes a normalized token to the text that it was found as.
  data_->tokens[token.id] = token.normalized ? data_->normalizer.apply(token.content) : token.content;
  data_->special[token.id] = token.special;
  data_->max_id = std::max(data_->max_id, token.id);
  data_->added.push_back(std::move(token));
}

std::optional<SpecialToken> TokenizerBuilder::special_token(const std::string& text) const {
  const auto id = data_->ids.find(text);
  return id == data_->ids.end() ? std::nullopt : std::optional(SpecialToken{id->first, id->second});
}

std::shared_ptr<const TokenizerData> TokenizerBuilder::finish() {
  std::sort(data_->added.begin(), data_->added.end(),
            [](const AddedToken& a, const AddedToken& b) { return a.id < b.id; });
  for (const AddedToken& token : data_->added) {
    if (token.normalized) {
      data_->normalized_finder.add(token, data_->normalizer.apply(token.content));
    } else {
      data_->raw_finder.add(token, token.content);
    }
  }
  data_->adds_bos = data_->adds_bos && data_->bos.has_value();
  return data_;
}

std::vector<Cut> cuts_of(std::string_view token, int32_t id, const TextMap<int32_t>& ids, bool bytes,
                         const std::string& where) {
  if (token.size() > longest_cut_token) {
    throw UserError(fmt::format("{}: the token {} has {} bytes; at most {} are supported.", where, id, token.size(),
                                longest_cut_token));
  }
  std::vector<Cut> cuts;
  for (size_t at = 1; at < token.size(); ++at) {
    if (!bytes && (static_cast<uint8_t>(token[at]) & 0xC0) == 0x80) continue;  // inside a character
    const auto left = ids.find(token.substr(0, at));
    if (left == ids.end()) continue;
    const auto right = ids.find(token.substr(at));
    if (right != ids.end()) cuts.push_back({left->second, right->second, id});
  }
  return cuts;
}

}  // namespace llavakd
