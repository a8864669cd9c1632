// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/text/conversation.h"

namespace llavakd {

/// A question, its placeholders where the templates put them, and its answer; nothing: to be generated.
struct Round {
  std::string question;
  std::optional<std::string> answer;
};

/// Turns in pairs; a first turn that isn't human is dropped and the speakers are taken by position, as released.
std::vector<Round> rounds_of(const Conversation& conversation);

/// The whole text of some rounds in a template; it ends with what announces an answer where the last has none.
std::string prompt_text(const ConversationTemplate& conversation_template, const std::vector<Round>& rounds);

/// Placeholders that are left in a prompt: one for each question that has any, in front, as released; or all of them in
/// their places, where questions have several and together there are as many as images, as LLaVA-NeXT does. Those in
/// answers stay.
int64_t placeholders_left(const Conversation& conversation);

/// The parts around each `by`, which is not empty.
std::vector<std::string_view> split_text(std::string_view text, std::string_view by);
/// How often `what` occurs in the text.
int64_t count_of(std::string_view text, std::string_view what);

}  // namespace llavakd
