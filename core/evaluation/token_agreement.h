// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "core/evaluation/row_divergences.h"
#include "core/text/tokenizer.h"

namespace llavakd {

/// What one model expects at each token of an answer, given the tokens before it. Over its whole vocabulary, at
/// temperature 1.
struct TokenExpectation {
  at::Tensor top_ids;            ///< int64 [tokens, 5], the likeliest first.
  at::Tensor top_probabilities;  ///< float32 [tokens, 5]
  at::Tensor probability;        ///< float32 [tokens], of the answer's token.
  at::Tensor rank;               ///< int64 [tokens], of the answer's token: 1 + how many are likelier.
};

/// Teacher and student, both made to read one answer (teacher forcing), token by token.
struct TokenAgreement {
  Sequence sequence;
  double temperature = 1;             ///< Of the divergences: the rule of row_divergences().
  int64_t compared_vocabulary = 0;    ///< Logits that the divergences see: min(V).
  std::vector<int64_t> positions;     ///< The labelled positions; the row before each predicts its token.
  std::vector<int64_t> ids;           ///< The tokens there.
  RowDivergences divergences;         ///< [tokens]
  TokenExpectation teacher, student;  ///< On the CPU.
  SegmentDisagreement segments;       ///< Sums over the rows of the whole sequence.
};

/// Both models on one sequence with labels. Arguments as for hidden_of_pair(). Throws UserError where nothing is
/// labelled and for a temperature that isn't above 0.
TokenAgreement token_agreement(const MultimodalModel& teacher, const MultimodalModel& student, const Sequence& sequence,
                               const at::Tensor& pixel_values, const at::Tensor& teacher_pixels = {},
                               double temperature = 1);

/// {"temperature", "compared_vocabulary", "tokens": [{"index", "position", "id", "text", "forward_kl", "reverse_kl",
/// "jsd", "teacher": {"probability", "rank", "top": [{"id", "text", "probability"}]}, "student": …}], "segments"}. The
/// texts are single tokens decoded; pieces of a character become U+FFFD.
nlohmann::ordered_json token_agreement_json(const TokenAgreement& agreement, const Tokenizer& tokenizer);

}  // namespace llavakd
