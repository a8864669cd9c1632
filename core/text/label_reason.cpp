// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/label_reason.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>

namespace llavakd {
namespace {

/// "a question" or "an answer", whichever holds the text; nothing where no turn does.
std::optional<std::string_view> turn_with(const Conversation& conversation, std::string_view text) {
  const auto found = std::ranges::find_if(conversation.turns,
                                          [&](const Turn& turn) { return turn.text.find(text) != std::string::npos; });
  if (found == conversation.turns.end()) return std::nullopt;
  return found->speaker == Speaker::human ? "a question" : "an answer";
}

/// Texts in <> in a template: tokens of their own.
std::vector<std::string_view> marks_of(std::string_view text) {
  std::vector<std::string_view> marks;
  for (size_t at = text.find('<'); at != std::string_view::npos; at = text.find('<', at + 1))
    marks.push_back(text.substr(at, text.find('>', at) - at + 1));
  return marks;
}

/// Why the rounds' lengths don't add up to the sequence's.
std::string mismatch_reason(const Tokenizer& tokenizer, const ConversationTemplate& form,
                            const Conversation& conversation) {
  if (const auto turn = turn_with(conversation, form.eos)) {
    return fmt::format("the end token {} stands inside {}, so that by the released rules nothing is learnt from it",
                       form.eos, *turn);
  }
  if (const auto reason = separator_reason(conversation)) return *reason;
  const auto& pad = tokenizer.pad();
  if (pad && turn_with(conversation, pad->text)) {
    return fmt::format("the padding token {} stands inside {}, so that by the released rules nothing is learnt from it",
                       pad->text, *turn_with(conversation, pad->text));
  }
  if (const auto fault = template_fault(tokenizer, form)) return fmt::format("no label is left: {}", *fault);
  return "the tokens of its rounds, taken alone, aren't as many as together, so that by the released rules nothing is "
         "learnt from it";
}

}  // namespace

std::optional<std::string> separator_reason(const Conversation& conversation) {
  const auto turn = turn_with(conversation, answer_separator);
  if (!turn) return std::nullopt;
  return fmt::format("'{}' stands inside {}, so that by the released rules nothing is learnt from it", answer_separator,
                     *turn);
}

std::string no_label_reason(const Tokenizer& tokenizer, const ConversationTemplate& form,
                            const Conversation& conversation, int64_t visual_tokens, int64_t max_length) {
  constexpr int64_t no_limit = std::numeric_limits<int64_t>::max();
  const EncodedConversation whole = encode_conversation(tokenizer, form, conversation, no_limit);
  if (whole.tokenization_mismatch) return mismatch_reason(tokenizer, form, conversation);
  const auto labelled = [](int64_t label) {
    return label != ignore_index;
  };
  // Position 0 has no logits before it.
  const auto first = std::find_if(whole.labels.begin() + (whole.labels.empty() ? 0 : 1), whole.labels.end(), labelled);
  if (first == whole.labels.end()) return "it has no answer whose tokens could be learnt";
  const auto before = first - whole.labels.begin();
  const int64_t images = std::count(whole.input_ids.begin(), whole.input_ids.begin() + before, image_token_index);
  const int64_t visual = images * visual_tokens;
  if (visual >= max_length) {
    return fmt::format("it is longer than max_length: the {} alone {} {} tokens, max_length is {}",
                       images == 1 ? "picture" : "pictures", images == 1 ? "takes" : "take", visual, max_length);
  }
  return fmt::format("it is longer than max_length: its first answer begins after {} tokens, max_length is {}",
                     before - images + visual, max_length);
}

std::optional<std::string> template_fault(const Tokenizer& tokenizer, const ConversationTemplate& form) {
  if (form.is_caption()) return std::nullopt;
  const auto is_one_token = [&](std::string_view text) {
    return tokenizer.encode(text).size() == 1;
  };
  if (!is_one_token(form.eos)) {
    return fmt::format("the template {} ends answers with {}, which isn't one token of this tokenizer", form.name,
                       form.eos);
  }
  for (const std::string_view text : {form.bos, form.system, form.before_question, form.before_answer}) {
    for (const std::string_view mark : marks_of(text)) {
      if (!is_one_token(mark))
        return fmt::format("the template {} is written with {}, which isn't one token of this tokenizer", form.name,
                           mark);
    }
  }
  // In published templates the end of a turn needn't be the end of a text: generating stops at either.
  if (!form.is_published() && tokenizer.eos() && tokenizer.eos()->text != form.eos) {
    return fmt::format("the template {} ends answers with {}, but this tokenizer's end token is {}", form.name,
                       form.eos, tokenizer.eos()->text);
  }
  return std::nullopt;
}

}  // namespace llavakd
