// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/data/data_check.h"
#include "core/project/term_catalog.h"
#include "core/text/segments.h"

namespace llavakd {

/// What a position of a sample is to the model.
enum class TokenUse {
  visual,    ///< A token of an image.
  prompt,    ///< Read, but not learnt.
  response,  ///< Labelled: learnt.
  ignored    ///< Cut off by max_length: the model never gets it.
};

/// "visual", "prompt", "response" or "ignored".
std::string_view name(TokenUse use);

/// Positions [begin, end) of one use. An image is a run of its own.
struct TokenRun {
  TokenUse use = TokenUse::prompt;
  int64_t begin = 0;
  int64_t end = 0;
  int64_t size() const { return end - begin; }
  bool operator==(const TokenRun&) const = default;
};

/// A sample as a model gets it, with what max_length keeps from it.
struct SampleTokens {
  Sequence sequence;               ///< What a run makes of it; `skipped` says why it is left out. Without its images.
  std::vector<int64_t> input_ids;  ///< Of the whole text: `sequence.input_ids` and what is cut off behind them.
  std::vector<TokenRun> runs;      ///< Ordered, without gaps: together they cover input_ids.

  /// Positions of one use.
  int64_t count(TokenUse use) const;
  /// The length of the whole.
  int64_t length() const { return static_cast<int64_t>(input_ids.size()); }
};

/// Ids, labels and segments of a sample by the rules of a run; of one that ends with a question, the prompt that its
/// answer is generated from. What can't be expanded has no ids, and `sequence.skipped` says why.
SampleTokens sample_tokens(const Sample& sample, const TextRules& rules);

/// The positions at which a term reads a model's output, in order: those of the images, or those that predict a
/// labelled token. None where the sample is left out.
std::vector<Segment> positions_read(const Sequence& sequence, TermPositions by);

}  // namespace llavakd
