// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/conversation.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "core/base/errors.h"
#include "core/text/label_reason.h"
#include "core/text/prompt_text.h"

namespace llavakd {
namespace {

/// Pieces around each placeholder are encoded apart, with image_token_index between; BOS is kept once, or left out
/// where the text has its own.
std::vector<int64_t> ids_with_images(const Tokenizer& tokenizer, std::string_view text, bool own_bos = false) {
  std::vector<int64_t> ids;
  bool first = true;
  for (const std::string_view part : split_text(text, image_placeholder)) {
    if (!first) ids.push_back(image_token_index);
    const auto piece = first && !own_bos ? tokenizer.encode_with_bos(part) : tokenizer.encode(part);
    ids.insert(ids.end(), piece.begin(), piece.end());
    first = false;
  }
  return ids;
}

int64_t length_with_images(const Tokenizer& tokenizer, std::string_view text) {
  return static_cast<int64_t>(ids_with_images(tokenizer, text).size());
}

void mask(std::vector<int64_t>& labels, int64_t begin, int64_t end) {
  const auto size = static_cast<int64_t>(labels.size());
  for (int64_t i = std::clamp<int64_t>(begin, 0, size); i < std::min(end, size); ++i) {
    labels[static_cast<size_t>(i)] = ignore_index;
  }
}

/// The count that the rounds' lengths have to add up to. Padding isn't counted; where the end of an answer is also the
/// padding token, the ends are added back.
int64_t expected_length(const Tokenizer& tokenizer, const ConversationTemplate& form, const std::string& prompt,
                        const std::vector<int64_t>& ids) {
  const auto& pad = tokenizer.pad();
  auto total = static_cast<int64_t>(ids.size());
  if (!pad) return total;
  total -= std::count(ids.begin(), ids.end(), pad->id);
  const auto& eos = tokenizer.eos();
  return eos && eos->id == pad->id ? total + count_of(prompt, form.eos) : total;
}

/// Labels of answers and their ends, by lengths of re-encoded rounds (TinyLLaVA Factory, data/template/base.py).
/// Returns false when the lengths don't add up: then nothing may be learnt from the sample.
bool mask_questions(const Tokenizer& tokenizer, const ConversationTemplate& form, const std::string& prompt,
                    int64_t max_length, std::vector<int64_t>& labels) {
  const int64_t total = expected_length(tokenizer, form, prompt, labels);
  const int64_t eos_length = form.counts_bos ? 1 : static_cast<int64_t>(tokenizer.encode(form.eos).size());
  int64_t current = form.counts_bos ? 1 : 0;
  mask(labels, 0, current);
  bool first = true;
  for (const std::string_view round : split_text(prompt, form.eos)) {
    if (round.empty()) break;
    const auto parts = split_text(round, answer_separator);
    if (parts.size() != 2) break;
    // The separator's last space merges with the answer's first word, hence - 1.
    int64_t instruction = length_with_images(tokenizer, std::string(parts[0]) + std::string(answer_separator)) - 1;
    int64_t length = length_with_images(tokenizer, round) + eos_length;
    const int64_t surplus = (form.counts_bos ? 1 : 0) + (form.prefix_space && !first && !tokenizer.legacy() ? 1 : 0);
    instruction -= surplus;
    length -= surplus;
    mask(labels, current, current + instruction);
    current += length;
    first = false;
  }
  mask(labels, current, static_cast<int64_t>(labels.size()));
  return current >= max_length || current == total;
}

/// Labels of a published template: everything but the answers and their ends is masked. An answer begins behind the
/// last token that the text up to it has in common with the whole.
void mask_all_but_answers(const Tokenizer& tokenizer, const ConversationTemplate& form,
                          const std::vector<Round>& rounds, std::vector<int64_t>& labels) {
  const std::vector<int64_t> ids = labels;
  const auto common = [&](const std::string& begin) {
    const auto part = ids_with_images(tokenizer, begin, !form.bos.empty());
    return std::mismatch(part.begin(), part.end(), ids.begin(), ids.end()).first - part.begin();
  };
  int64_t end = 0;
  for (size_t i = 0; i < rounds.size(); ++i) {
    std::vector<Round> so_far(rounds.begin(), rounds.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    const std::string answered = prompt_text(form, so_far);
    so_far.back().answer.reset();
    mask(labels, end, common(prompt_text(form, so_far)));
    end = common(answered.substr(0, answered.size() - form.after_answer.size()));
  }
  mask(labels, end, static_cast<int64_t>(labels.size()));
}

template <typename T>
void cut(std::vector<T>& values, int64_t length) {
  if (static_cast<int64_t>(values.size()) > length) values.resize(static_cast<size_t>(length));
}

void check_sequence_lengths(int64_t visual_tokens, int64_t max_length) {
  if (visual_tokens < 0 || visual_tokens > 1'000'000 || max_length < 1) {
    throw UserError(fmt::format("A sequence of at most {} tokens with {} visual tokens a picture can't be made.",
                                max_length, visual_tokens));
  }
}

void check_image_count(const std::vector<int64_t>& ids, const Conversation& conversation) {
  const auto found = std::count(ids.begin(), ids.end(), image_token_index);
  if (found == conversation.images) return;
  throw UserError(fmt::format("{} is {} time{} in the prompt, which has {} picture{}; there must be as many.",
                              image_placeholder, found, found == 1 ? "" : "s", conversation.images,
                              conversation.images == 1 ? "" : "s"));
}

/// Runs of visual, labelled and other positions: ordered, without gaps.
std::vector<Segment> segments_of(std::span<const int64_t> labels, std::span<const Segment> images) {
  std::vector<Segment> segments;
  const auto tokens = std::ssize(labels);
  for (int64_t at = 0; at < tokens;) {
    if (!images.empty() && images.front().begin == at) {
      segments.push_back(images.front());
      images = images.subspan(1);
    } else {
      const bool labelled = labels[static_cast<size_t>(at)] != ignore_index;
      const int64_t most = images.empty() ? tokens : images.front().begin;
      int64_t end = at + 1;
      while (end < most && (labels[static_cast<size_t>(end)] != ignore_index) == labelled) ++end;
      segments.push_back({labelled ? SegmentKind::response : SegmentKind::prompt, at, end});
    }
    at = segments.back().end;
  }
  return segments;
}

}  // namespace

std::optional<std::string> conversation_fault(const Conversation& conversation) {
  const auto& turns = conversation.turns;
  if (turns.empty()) return "the conversation is empty";
  const size_t first = turns.front().speaker == Speaker::human ? 0 : 1;
  if (first == turns.size()) return "no turn is human";
  for (size_t i = first; i < turns.size(); ++i) {
    const Speaker expected = (i - first) % 2 == 0 ? Speaker::human : Speaker::gpt;
    if (turns[i].speaker != expected) {
      return fmt::format("turns {} and {} are both from {}", i, i + 1, expected == Speaker::human ? "gpt" : "human");
    }
  }
  if ((turns.size() - first) % 2 != 0) return "the last question has no answer";
  return std::nullopt;
}

EncodedConversation encode_conversation(const Tokenizer& tokenizer, const ConversationTemplate& form,
                                        const Conversation& conversation, int64_t max_length) {
  if (const auto fault = conversation_fault(conversation)) {
    throw UserError(*fault + ".");
  }
  EncodedConversation encoded;
  const std::vector<Round> rounds = rounds_of(conversation);
  encoded.prompt = prompt_text(form, rounds);
  encoded.input_ids = ids_with_images(tokenizer, encoded.prompt, !form.bos.empty());
  encoded.labels = encoded.input_ids;
  if (form.is_published()) {
    mask_all_but_answers(tokenizer, form, rounds, encoded.labels);
  } else if (form.is_caption()) {
    mask(encoded.labels, 0, length_with_images(tokenizer, image_placeholder));
  } else if (!mask_questions(tokenizer, form, encoded.prompt, max_length, encoded.labels)) {
    encoded.tokenization_mismatch = true;
    mask(encoded.labels, 0, std::numeric_limits<int64_t>::max());
  }
  check_image_count(encoded.input_ids, conversation);
  cut(encoded.input_ids, max_length);
  cut(encoded.labels, max_length);
  return encoded;
}

Sequence make_sequence(const Tokenizer& tokenizer, const ConversationTemplate& form, const Conversation& conversation,
                       int64_t visual_tokens, int64_t max_length) {
  check_sequence_lengths(visual_tokens, max_length);
  const EncodedConversation encoded = encode_conversation(tokenizer, form, conversation, max_length);
  Sequence sequence;
  sequence.id = conversation.id;
  sequence.prompt = encoded.prompt;
  sequence.tokenization_mismatch = encoded.tokenization_mismatch;
  expand_images(encoded.input_ids, encoded.labels, visual_tokens, max_length, sequence);
  // Position 0 has no logits before it, so a label there is not learnt.
  const auto labelled = [](int64_t label) {
    return label != ignore_index;
  };
  if (sequence.labels.empty() || std::none_of(sequence.labels.begin() + 1, sequence.labels.end(), labelled)) {
    sequence.skipped = no_label_reason(tokenizer, form, conversation, visual_tokens, max_length);
  }
  return sequence;
}

Sequence make_prompt(const Tokenizer& tokenizer, const ConversationTemplate& form, const Conversation& conversation,
                     int64_t visual_tokens) {
  check_sequence_lengths(visual_tokens, 1);
  const std::vector<Round> rounds = rounds_of(conversation);
  if (rounds.empty() || rounds.back().answer) {
    throw UserError("a prompt has to end with a question.");
  }
  EncodedConversation encoded;
  encoded.prompt = prompt_text(form, rounds);
  encoded.input_ids = ids_with_images(tokenizer, encoded.prompt, !form.bos.empty());
  encoded.labels.assign(encoded.input_ids.size(), ignore_index);
  check_image_count(encoded.input_ids, conversation);
  Sequence sequence;
  sequence.id = conversation.id;
  sequence.prompt = encoded.prompt;
  expand_images(encoded.input_ids, encoded.labels, visual_tokens, std::numeric_limits<int64_t>::max(), sequence);
  return sequence;
}

void expand_images(std::span<const int64_t> input_ids, std::span<const int64_t> labels, int64_t visual_tokens,
                   int64_t max_length, Sequence& sequence) {
  std::vector<Segment> images;
  for (size_t i = 0; i < input_ids.size(); ++i) {
    const bool image = input_ids[i] == image_token_index;
    const auto begin = std::ssize(sequence.input_ids), end = begin + (image ? visual_tokens : 1);
    if (image && begin < max_length && visual_tokens > 0)
      images.push_back({SegmentKind::visual, begin, std::min(end, max_length)});
    sequence.input_ids.insert(sequence.input_ids.end(), static_cast<size_t>(end - begin), input_ids[i]);
    sequence.labels.insert(sequence.labels.end(), static_cast<size_t>(end - begin), image ? ignore_index : labels[i]);
  }
  cut(sequence.input_ids, max_length);
  cut(sequence.labels, max_length);
  sequence.segments = segments_of(sequence.labels, images);
}

}  // namespace llavakd
