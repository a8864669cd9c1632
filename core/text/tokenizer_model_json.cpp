// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/tokenizer_model_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/base/errors.h"
#include "core/text/tokenizer_json.h"
#include "core/text/unigram.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;

/// Each position of a text is tried with all pieces, so that long ones would take long.
constexpr size_t longest_piece = 256;

/// Options of BPE that need another algorithm, or chance.
void check_bpe(const Json& model, const std::string& where) {
  for (const char* key : {"continuing_subword_prefix", "end_of_word_suffix"}) {
    const auto it = model.find(key);
    if (it != model.end() && !it->is_null() && !(it->is_string() && it->get_ref<const std::string&>().empty())) {
      throw UserError(fmt::format("{}.{} {} is not supported; leave it empty.", where, key, it->dump()));
    }
  }
  const auto dropout = model.find("dropout");
  if (dropout != model.end() && !dropout->is_null() && *dropout != 0.0) {
    throw UserError(fmt::format("{}.dropout {} would make ids random; set it to null.", where, dropout->dump()));
  }
}

void set_unknown(const Json& json, const std::string& where, const TokenizerBuilder& builder, BpeModel& model) {
  model.fuse_unk = flag_at(json, "fuse_unk", false, where);
  const auto unk = json.find("unk_token");
  if (unk == json.end() || unk->is_null()) return;
  const auto known = builder.special_token(text_at(json, "unk_token", where));
  if (known) model.unk_id = static_cast<int32_t>(known->id);
}

void read_bpe(const Json& json, const std::string& where, TokenizerBuilder& builder) {
  check_bpe(json, where);
  builder.add_vocabulary(required_key(json, "vocab", where), where + ".vocab");
  const bool ignore_merges = flag_at(json, "ignore_merges", false, where);
  const bool byte_fallback = flag_at(json, "byte_fallback", false, where);
  std::unique_ptr<BpeModel> model;
  if (builder.data().pre_tokenizer.byte_level()) {
    model = builder.byte_level_bpe(ignore_merges);
    const auto& bytes = model->byte_ids;
    if (byte_fallback && std::find(bytes.begin(), bytes.end(), -1) != bytes.end()) {
      throw UserError(
          fmt::format("{}: byte_fallback with a ByteLevel pre-tokenizer is not supported unless all 256 "
                      "bytes are in the vocabulary.",
                      where));
    }
  } else {
    model = builder.character_bpe(byte_fallback, ignore_merges);
  }
  const std::string place = where + ".merges";
  builder.set_merges(*model, merges_of_json(required_key(json, "merges", where), place), place);
  set_unknown(json, where, builder, *model);
  builder.data().model = std::move(model);
}

std::pair<std::string, double> piece_of(const Json& json, const std::string& where) {
  if (!json.is_array() || json.size() != 2 || !json[0].is_string() || !json[1].is_number() ||
      !std::isfinite(json[1].get<double>())) {
    throw UserError(fmt::format("{}: a piece must be [text, log probability].", where));
  }
  if (json[0].get_ref<const std::string&>().size() > longest_piece) {
    throw UserError(fmt::format("{}: the piece has more than {} bytes.", where, longest_piece));
  }
  return {json[0].get<std::string>(), json[1].get<double>()};
}

void read_unigram(const Json& json, const std::string& where, TokenizerBuilder& builder) {
  if (builder.data().pre_tokenizer.byte_level()) {
    throw UserError(fmt::format(
        "{}: the tokenizer model Unigram with a ByteLevel pre-tokenizer is not supported; with Metaspace it is.",
        where));
  }
  const Json& vocab = required_key(json, "vocab", where);
  if (!vocab.is_array()) {
    throw UserError(fmt::format("{}.vocab must be a list, but it is {}.", where, vocab.type_name()));
  }
  std::vector<std::pair<std::string, double>> pieces;
  pieces.reserve(vocab.size());
  for (const Json& each : vocab) {
    const auto id = static_cast<int32_t>(pieces.size());
    const std::string place = fmt::format("{}.vocab[{}]", where, id);
    pieces.push_back(piece_of(each, place));
    builder.add_token(pieces.back().first, id, place);
    builder.data().ids[pieces.back().first] = id;  // of two equal pieces the later one counts
  }
  int32_t unk_id = -1;
  if (json.contains("unk_id") && !json["unk_id"].is_null()) {
    unk_id = token_id_of(json["unk_id"], where + ".unk_id");
    if (static_cast<size_t>(unk_id) >= pieces.size()) {
      throw UserError(fmt::format("{}.unk_id {} is not one of the {} pieces.", where, unk_id, pieces.size()));
    }
  }
  builder.data().model =
      std::make_unique<UnigramModel>(pieces, unk_id, flag_at(json, "byte_fallback", false, where), where);
}

}  // namespace

void read_model(const Json& model, const std::string& where, TokenizerBuilder& builder) {
  // Older files leave the type out of a BPE model.
  const std::string type =
      model.is_object() && !model.contains("type") && model.contains("merges") ? "BPE" : text_at(model, "type", where);
  if (type == "BPE") return read_bpe(model, where, builder);
  if (type == "Unigram") return read_unigram(model, where, builder);
  throw UserError(fmt::format("{}: the tokenizer model {} is not supported; BPE and Unigram are.", where, type));
}

}  // namespace llavakd
