// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <span>
#include <string>

#include "core/evaluation/answer.h"
#include "core/evaluation/token_agreement.h"

namespace llavakd {

/// Question and reference answer as training reads them: ids and labels by the template's rules, not cut. Throws
/// UserError where the template leaves nothing to learn, or the text is longer than the model has positions.
Sequence question_with_reference(const LoadedModel& model, const Question& question, const std::string& reference);

/// The prompt and behind it the tokens that a model has answered with, all labelled; and its end token, unless the
/// answer was cut. Throws UserError where nothing was answered and the template has no end token.
Sequence question_with_answer(const LoadedModel& model, const Question& question, const Answer& given);

/// token_agreement() with each model's own picture. Throws UserError where the models don't fit (refuse_mismatch) or
/// the sequence is longer than one of them has positions.
TokenAgreement agreement_on(const LoadedModel& teacher, const LoadedModel& student, const Question& question,
                            const Sequence& sequence, double temperature = 1);

/// The tokens [begin, end) of an answer that `word` names: their index, or a part of the answer's text (a whole word
/// counts before a piece of one). Throws UserError for what isn't there, or stands there several times.
Segment word_tokens(const Tokenizer& tokenizer, std::span<const int64_t> ids, const std::string& word);

}  // namespace llavakd
