// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/sample_tokens.h"

#include <algorithm>

#include "core/base/errors.h"
#include "core/text/conversation.h"

namespace llavakd {
namespace {

TokenUse use_of(SegmentKind kind) {
  switch (kind) {
    case SegmentKind::visual:
      return TokenUse::visual;
    case SegmentKind::response:
      return TokenUse::response;
    case SegmentKind::prompt:
      break;
  }
  return TokenUse::prompt;
}

bool ends_with_question(const Sample& sample) {
  return !sample.turns.empty() && sample.turns.back().speaker == Speaker::human;
}

/// The ids of the whole text, which begin with those of the sequence.
std::vector<int64_t> ids_without_limit(const Sample& sample, const ConversationTemplate& form, const TextRules& rules,
                                       const Sequence& sequence) {
  // More than any model has positions: a damaged file must not ask for gigabytes.
  constexpr int64_t most_positions = int64_t{1} << 20;
  const int64_t images = std::ssize(sample.images);
  const bool may_be_cut = std::ssize(sequence.input_ids) + images >= rules.max_length;
  if (!may_be_cut || ends_with_question(sample) || images * rules.visual_tokens > most_positions)
    return sequence.input_ids;
  return make_sequence(*rules.tokenizer, form, sample.conversation(), rules.visual_tokens,
                       std::max(most_positions, rules.max_length))
      .input_ids;
}

std::vector<TokenRun> runs_of(const SampleTokens& tokens) {
  std::vector<TokenRun> runs;
  for (const Segment& segment : tokens.sequence.segments)
    runs.push_back({use_of(segment.kind), segment.begin, segment.end});
  const auto is_image = [&](int64_t position) {
    return tokens.input_ids[static_cast<size_t>(position)] == image_token_index;
  };
  for (int64_t at = std::ssize(tokens.sequence.input_ids); at < tokens.length();) {
    int64_t end = at + 1;
    while (end < tokens.length() && is_image(end) == is_image(at)) ++end;
    runs.push_back({TokenUse::ignored, at, end});
    at = end;
  }
  return runs;
}

}  // namespace

std::string_view name(TokenUse use) {
  switch (use) {
    case TokenUse::visual:
      return "visual";
    case TokenUse::response:
      return "response";
    case TokenUse::ignored:
      return "ignored";
    case TokenUse::prompt:
      break;
  }
  return "prompt";
}

int64_t SampleTokens::count(TokenUse use) const {
  int64_t positions = 0;
  for (const TokenRun& run : runs) positions += run.use == use ? run.size() : 0;
  return positions;
}

SampleTokens sample_tokens(const Sample& sample, const TextRules& rules) {
  SampleTokens tokens;
  try {
    const ConversationTemplate& form = template_of(sample, *rules.conversation_template);
    tokens.sequence =
        ends_with_question(sample)
            ? make_prompt(*rules.tokenizer, form, sample.conversation(), rules.visual_tokens)
            : make_sequence(*rules.tokenizer, form, sample.conversation(), rules.visual_tokens, rules.max_length);
    tokens.input_ids = ids_without_limit(sample, form, rules, tokens.sequence);
    tokens.runs = runs_of(tokens);
  } catch (const UserError& error) {
    tokens.sequence.skipped = reason_of(error);
  }
  tokens.sequence.id = sample.id;
  return tokens;
}

std::vector<Segment> positions_read(const Sequence& sequence, TermPositions by) {
  if (sequence.skipped) return {};
  if (by == TermPositions::visual) return image_spans(sequence);
  std::vector<Segment> read;
  for (const int64_t position : response_positions(sequence)) {
    if (read.empty() || read.back().end != position) read.push_back({SegmentKind::response, position, position});
    ++read.back().end;
  }
  return read;
}

}  // namespace llavakd
