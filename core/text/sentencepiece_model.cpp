// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/sentencepiece_model.h"

#include <fmt/format.h>
#include <sentencepiece_processor.h>

#include <exception>
#include <limits>
#include <new>

#include "core/base/errors.h"
#include "core/base/printable.h"
#include "core/text/sentencepiece_fault.h"

namespace llavakd {
namespace {

// A message that is appended to another is merged into it: here normalizer_spec { add_dummy_prefix: false }, field 3 of
// ModelProto with field 3 of NormalizerSpec (sentencepiece_model.proto).
constexpr std::string_view without_prefix("\x1a\x02\x18\x00", 4);

}  // namespace

struct SentencePieceModel::Processor {
  sentencepiece::SentencePieceProcessor spm;

  Processor(std::string_view proto, const std::string& where) {
    std::string fault;
    try {
      const auto status = spm.LoadFromSerializedProto(proto);
      if (!status.ok()) fault = status.ToString();
    } catch (const std::bad_alloc&) {
      throw;
    } catch (const std::exception& error) {  // of the trie that it builds, for a piece that begins with a zero byte
      fault = error.what();
    }
    if (!fault.empty())
      throw UserError(fmt::format("{}: this is not a SentencePiece model ({}).", where, printable(fault)));
  }
};

SentencePieceModel::SentencePieceModel(std::string_view bytes, bool keeps_prefix, const std::string& where)
    : where_(where) {
  if (bytes.size() > std::numeric_limits<int32_t>::max() / 2) {
    throw UserError(fmt::format("{}: {} bytes are too many for a SentencePiece model.", where, bytes.size()));
  }
  std::vector<std::string_view> symbols;
  if (const auto fault = sentencepiece_fault(bytes, &symbols)) {
    throw UserError(fmt::format("{}: this is not a SentencePiece model: {}. Please get the file anew.", where, *fault));
  }
  for (const std::string_view symbol : symbols) symbols_.emplace(symbol);
  std::string proto(bytes);
  if (!keeps_prefix) proto += without_prefix;
  processor_ = std::make_unique<const Processor>(proto, where);
}

SentencePieceModel::~SentencePieceModel() = default;

void SentencePieceModel::encode(std::string_view word, std::vector<int64_t>& ids) const {
  std::vector<int> pieces;
  const auto status = processor_->spm.Encode(word, &pieces);
  if (!status.ok()) {
    throw UserError(fmt::format("{}: a text of {} bytes can't be encoded ({}).", where_, word.size(),
                                printable(status.ToString())));
  }
  ids.insert(ids.end(), pieces.begin(), pieces.end());
}

std::vector<SentencePieceModel::Piece> SentencePieceModel::pieces() const {
  const auto& spm = processor_->spm;
  std::vector<Piece> result;
  for (int id = 0; id < spm.GetPieceSize(); ++id) {
    Piece piece{spm.IdToPiece(id), Kind::normal};
    if (!is_utf8(piece.text)) throw UserError(fmt::format("{}: the piece {} is not UTF-8.", where_, id));
    if (symbols_.contains(piece.text)) piece.kind = Kind::user_defined;
    if (spm.IsUnknown(id)) piece.kind = Kind::unknown;
    if (spm.IsControl(id)) piece.kind = Kind::control;
    if (spm.IsByte(id)) piece.kind = Kind::byte;
    if (spm.IsUnused(id)) piece.kind = Kind::unused;
    result.push_back(std::move(piece));
  }
  return result;
}

bool SentencePieceModel::adds_prefix() const {
  std::vector<std::string> pieces;
  return processor_->spm.Encode("a", &pieces).ok() && !pieces.empty() && pieces.front().starts_with("\u2581");
}

}  // namespace llavakd
