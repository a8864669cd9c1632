// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <string>

#include "core/evaluation/data_disagreement.h"
#include "core/evaluation/word_attribution.h"

// What `llavakd words` prints for people.

namespace llavakd {

/// Three lines a token: its divergences with a bar, and what each model expects there; then the sums by segment.
std::string agreement_table(const TokenAgreement& agreement, const Tokenizer& tokenizer);

/// Each method's map of teacher and student side by side in shades, with what it shows and what it can't.
std::string attribution_table(const WordAttribution& teacher, const WordAttribution& student);

/// Means and standard deviations by segment, and the `most` samples with the greatest forward KL per token of each.
std::string disagreement_table(const DataDisagreement& disagreement, int64_t most);

/// A text on one line in quotation marks, as it may go to a terminal.
std::string in_quotes(const std::string& text);

}  // namespace llavakd
