// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/text/segments.h"
#include "core/text/tokenizer.h"

namespace llavakd {

/// The placeholder of an image in a question.
inline constexpr std::string_view image_placeholder = "<image>";

/// The text between question and answer in the released templates; their label rules look for it.
inline constexpr std::string_view answer_separator = " ASSISTANT: ";

enum class Speaker { human, gpt };

struct Turn {
  Speaker speaker = Speaker::human;
  std::string text;
  bool operator==(const Turn&) const = default;
};

struct Conversation {
  std::string id;
  std::vector<Turn> turns;
  int64_t images = 0;  ///< Images that go with it; as many placeholders must be left in the prompt.
};

/// How turns become one text and which of its tokens are learnt. Two kinds: TinyLLaVA Factory's (data/template), with
/// its label rules, and those that model families publish as chat templates, whose labels are each answer's tokens with
/// its end token and nothing else.
struct ConversationTemplate {
  std::string_view name = {};
  std::string_view help = {};
  std::string_view system = {};  ///< Stands in front of the first turn, with its trailing space.
  std::string_view eos = {};     ///< Ends every answer; empty: answers end with a newline and questions are dropped.
  /// Label rules of llama and gemma: the tokenizer puts BOS in front of each piece, which is counted off.
  bool counts_bos = false;
  /// llama only: with a non-legacy tokenizer later rounds are one token shorter.
  bool prefix_space = false;

  // For published templates only; the others have "USER: " and " ASSISTANT: " around their turns.
  std::string_view bos = {};              ///< Begins the text, in place of the tokenizer's own BOS; empty: that one.
  std::string_view before_question = {};  ///< Empty: not a published template.
  std::string_view before_answer = {};    ///< After the question; where a prompt for an answer ends.
  std::string_view answer_lead = {};      ///< Between before_answer and the answer, of which it is a part.
  std::string_view after_answer = {};     ///< Behind `eos`.
  bool strips = false;                    ///< Questions and answers lose white space at both ends.

  bool is_caption() const { return eos.empty(); }
  bool is_published() const { return !before_question.empty(); }
};

/// All templates, in the order in which they are offered.
std::span<const ConversationTemplate> conversation_templates();
/// Throws UserError listing the known names.
const ConversationTemplate& conversation_template(std::string_view name);

/// Whether two templates write a conversation alike; which of its tokens are learnt may differ.
bool write_alike(const ConversationTemplate& a, const ConversationTemplate& b);

/// A conversation in ids, before its images are expanded: one image_token_index for each.
struct EncodedConversation {
  std::string prompt;
  std::vector<int64_t> input_ids;
  std::vector<int64_t> labels;
  bool tokenization_mismatch = false;
};

/// What keeps a conversation from being used (odd number of turns, two turns of one speaker, empty …), or nothing.
/// A first turn that isn't human is no fault: it is dropped, as the released code does.
std::optional<std::string> conversation_fault(const Conversation& conversation);

/// Prompt, ids and labels by the released rules, cut to max_length tokens. Throws UserError for a conversation_fault.
EncodedConversation encode_conversation(const Tokenizer& tokenizer, const ConversationTemplate& conversation_template,
                                        const Conversation& conversation, int64_t max_length);

/// encode_conversation, then each image expanded to `visual_tokens` positions and the whole cut to max_length again.
/// Sets `skipped` to the reason (label_reason.h) when no position after the first keeps a label. Throws UserError when
/// the placeholders of the prompt aren't as many as the images.
Sequence make_sequence(const Tokenizer& tokenizer, const ConversationTemplate& conversation_template,
                       const Conversation& conversation, int64_t visual_tokens, int64_t max_length);

/// The prompt from which an answer is generated: earlier rounds whole, the last turn a question; ends "ASSISTANT:".
/// With a caption template it is the image alone. No labels; each image takes `visual_tokens` positions.
Sequence make_prompt(const Tokenizer& tokenizer, const ConversationTemplate& conversation_template,
                     const Conversation& conversation, int64_t visual_tokens);

/// Sets ids, labels and segments of an empty sequence: each image_token_index becomes `visual_tokens` of them,
/// unlabelled and a segment of its own, and the whole is cut to max_length.
void expand_images(std::span<const int64_t> input_ids, std::span<const int64_t> labels, int64_t visual_tokens,
                   int64_t max_length, Sequence& sequence);

}  // namespace llavakd
