// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "core/text/conversation.h"

namespace llavakd {

/// Why nothing can be learnt from a conversation all of whose labels are masked or cut away: a part of a sentence,
/// without its full stop. `visual_tokens` and `max_length` as for make_sequence, which asks this.
std::string no_label_reason(const Tokenizer& tokenizer, const ConversationTemplate& conversation_template,
                            const Conversation& conversation, int64_t visual_tokens, int64_t max_length);

/// The reason that can be seen without a tokenizer: the separator of the released templates occurs inside a turn.
std::optional<std::string> separator_reason(const Conversation& conversation);

/// Why a template doesn't fit a tokenizer (its end of answer isn't one token, or isn't the tokenizer's), or nothing.
std::optional<std::string> template_fault(const Tokenizer& tokenizer,
                                          const ConversationTemplate& conversation_template);

}  // namespace llavakd
