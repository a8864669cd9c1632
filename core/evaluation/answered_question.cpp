// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/answered_question.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <charconv>

#include "core/base/errors.h"
#include "core/base/printable.h"

namespace llavakd {
namespace {

int64_t positions_of(const LoadedModel& model) {
  return model.model.config().language.max_position_embeddings;
}

void refuse_longer_than_the_model(const LoadedModel& model, const Sequence& sequence) {
  if (std::ssize(sequence.input_ids) > positions_of(model))
    throw UserError(
        fmt::format("Question and answer make more tokens than {} has positions ({}): ask with fewer words.",
                    model.folder.string(), positions_of(model)));
}

/// Where each token's text begins in the text of all, and where the last one ends. A piece of a character adds nothing
/// before the character is whole.
std::vector<size_t> token_offsets(const Tokenizer& tokenizer, std::span<const int64_t> ids, const std::string& text) {
  std::vector<size_t> offsets{0};
  for (size_t i = 1; i <= ids.size(); ++i) {
    const std::string begin = tokenizer.decode(ids.first(i));
    const auto same = static_cast<size_t>(std::ranges::mismatch(begin, text).in1 - begin.begin());
    offsets.push_back(std::max(offsets.back(), same));
  }
  return offsets;
}

/// A letter, a digit or a part of a character beyond ASCII.
bool is_of_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || static_cast<unsigned char>(c) >= 0x80;
}

/// Where `word` stands in the text; as a whole word only, where it does so at all.
std::vector<size_t> places_of(const std::string& text, const std::string& word) {
  std::vector<size_t> all, whole;
  for (size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    const size_t end = at + word.size();
    const bool begins = at == 0 || !is_of_word(text[at - 1]) || !is_of_word(word.front());
    const bool ends = end == text.size() || !is_of_word(text[end]) || !is_of_word(word.back());
    all.push_back(at);
    if (begins && ends) whole.push_back(at);
  }
  return whole.empty() ? all : whole;
}

std::optional<int64_t> as_index(const std::string& word) {
  int64_t index = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), index);
  if (error != std::errc{} || end != word.data() + word.size()) return std::nullopt;
  return index;
}

}  // namespace

Sequence question_with_reference(const LoadedModel& model, const Question& question, const std::string& reference) {
  Conversation conversation = conversation_of(question);
  conversation.turns.push_back({Speaker::gpt, reference});
  // One more than the model has, so that a text that is too long is refused rather than cut.
  const Sequence sequence = make_sequence(model.tokenizer, conversation_template(question.conversation_template),
                                          conversation, model.model.config().visual_tokens(), positions_of(model) + 1);
  refuse_longer_than_the_model(model, sequence);
  if (sequence.skipped)
    throw UserError(fmt::format("The reference can't be compared on with the template {}: {}.",
                                question.conversation_template, *sequence.skipped));
  return sequence;
}

Sequence question_with_answer(const LoadedModel& model, const Question& question, const Answer& given) {
  Sequence sequence = prompt_of(model, question);
  std::vector<int64_t> ids = given.ids;
  const std::vector<int64_t> ends = end_ids_of(model, conversation_template(question.conversation_template));
  if (!given.cut && !ends.empty()) ids.push_back(ends.back());
  if (ids.empty()) throw UserError("The answer is empty, so there is no word to compare the models on.");
  const auto begin = std::ssize(sequence.input_ids);
  sequence.input_ids.insert(sequence.input_ids.end(), ids.begin(), ids.end());
  sequence.labels.insert(sequence.labels.end(), ids.begin(), ids.end());
  sequence.segments.push_back({SegmentKind::response, begin, std::ssize(sequence.input_ids)});
  return sequence;
}

TokenAgreement agreement_on(const LoadedModel& teacher, const LoadedModel& student, const Question& question,
                            const Sequence& sequence, double temperature) {
  refuse_mismatch(teacher, student);
  refuse_longer_than_the_model(teacher, sequence);
  refuse_longer_than_the_model(student, sequence);
  const bool other_processor = !(teacher.processor == student.processor);
  return token_agreement(teacher.model, student.model, sequence, pixels_of(student, question),
                         other_processor ? pixels_of(teacher, question) : at::Tensor(), temperature);
}

Segment word_tokens(const Tokenizer& tokenizer, std::span<const int64_t> ids, const std::string& word) {
  if (word.empty()) throw UserError("Which word? Give a token's number, or a part of the answer.");
  if (const auto index = as_index(word)) {
    if (*index < 0 || *index >= std::ssize(ids))
      throw UserError(
          fmt::format("The answer has no token {}; its {} tokens are numbered from 0.", *index, ids.size()));
    return {SegmentKind::response, *index, *index + 1};
  }
  const std::string text = tokenizer.decode(ids);
  const std::vector<size_t> offsets = token_offsets(tokenizer, ids, text);
  std::vector<int64_t> begins;
  Segment found{SegmentKind::response, 0, 0};
  for (const size_t at : places_of(text, word)) {
    // The tokens that have at least one byte of it.
    found.begin = std::ranges::lower_bound(offsets, at) - offsets.begin();
    if (offsets[static_cast<size_t>(found.begin)] > at) --found.begin;
    found.end = std::ranges::lower_bound(offsets, at + word.size()) - offsets.begin();
    begins.push_back(found.begin);
  }
  if (begins.empty())
    throw UserError(fmt::format("\"{}\" isn't in the answer, which is \"{}\".", printable(word), printable(text)));
  if (begins.size() > 1)
    throw UserError(fmt::format("\"{}\" stands {} times in the answer, at the tokens {}: give the number of one.",
                                printable(word), begins.size(), fmt::join(begins, ", ")));
  return found;
}

}  // namespace llavakd
