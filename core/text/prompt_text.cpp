// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/prompt_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/text/unicode.h"

namespace llavakd {
namespace {

/// Python's str.strip(), with which the released code strips questions: White_Space and U+001C to U+001F.
std::string_view python_strip(std::string_view text) {
  const auto is_space = [](char32_t c) {
    return is_white_space(c) || (c >= 0x1C && c <= 0x1F);
  };
  while (!text.empty() && is_space(code_point_at(text, 0).value)) text.remove_prefix(code_point_at(text, 0).length);
  while (!text.empty() && is_space(last_code_point(text).value)) text.remove_suffix(last_code_point(text).length);
  return text;
}

size_t first_kept_turn(const std::vector<Turn>& turns) {
  return !turns.empty() && turns.front().speaker != Speaker::human ? 1 : 0;
}

/// Whether the placeholders stay where they are: a question has several, and all together are as many as the images.
bool keeps_places(const Conversation& conversation) {
  const auto& turns = conversation.turns;
  int64_t all = 0;
  bool several = false;
  for (size_t i = first_kept_turn(turns); i < turns.size(); ++i) {
    const int64_t here = count_of(turns[i].text, image_placeholder);
    all += here;
    several = several || (here > 1 && turns[i].speaker == Speaker::human);
  }
  return several && all == conversation.images;
}

/// Every placeholder goes, one comes in front: "<image>\n" and the text.
std::string question_text(const std::string& question) {
  if (question.find(image_placeholder) == std::string::npos) return question;
  std::string text;
  for (const std::string_view part : split_text(question, image_placeholder)) text += part;
  const std::string_view rest = python_strip(text);
  return std::string(image_placeholder) + (rest.empty() ? "" : "\n" + std::string(rest));
}

std::string as_written(const ConversationTemplate& form, const std::string& text) {
  return form.strips ? std::string(python_strip(text)) : text;
}

}  // namespace

std::vector<std::string_view> split_text(std::string_view text, std::string_view by) {
  std::vector<std::string_view> parts;
  size_t begin = 0;
  for (size_t at = text.find(by); at != std::string_view::npos; at = text.find(by, begin)) {
    parts.push_back(text.substr(begin, at - begin));
    begin = at + by.size();
  }
  parts.push_back(text.substr(begin));
  return parts;
}

int64_t count_of(std::string_view text, std::string_view what) {
  return static_cast<int64_t>(split_text(text, what).size()) - 1;
}

std::vector<Round> rounds_of(const Conversation& conversation) {
  const auto& turns = conversation.turns;
  const bool in_place = keeps_places(conversation);
  std::vector<Round> rounds;
  for (size_t i = first_kept_turn(turns); i < turns.size(); i += 2) {
    rounds.push_back({in_place ? turns[i].text : question_text(turns[i].text),
                      i + 1 < turns.size() ? std::optional(turns[i + 1].text) : std::nullopt});
  }
  return rounds;
}

std::string prompt_text(const ConversationTemplate& form, const std::vector<Round>& rounds) {
  std::string prompt = std::string(form.bos) + std::string(form.system);
  for (const Round& round : rounds) {
    if (form.is_published()) {
      prompt += fmt::format("{}{}{}", form.before_question, as_written(form, round.question), form.before_answer);
      if (round.answer)
        prompt +=
            fmt::format("{}{}{}{}", form.answer_lead, as_written(form, *round.answer), form.eos, form.after_answer);
      continue;
    }
    if (form.is_caption()) {
      prompt += image_placeholder;
      if (round.answer) prompt += *round.answer + "\n";
      continue;
    }
    prompt += fmt::format("USER: {} ASSISTANT:", round.question);
    if (round.answer) prompt += fmt::format(" {}{}", *round.answer, form.eos);
  }
  return prompt;
}

int64_t placeholders_left(const Conversation& conversation) {
  const auto& turns = conversation.turns;
  const bool in_place = keeps_places(conversation);
  int64_t left = 0;
  for (size_t i = first_kept_turn(turns); i < turns.size(); ++i) {
    const int64_t here = count_of(turns[i].text, image_placeholder);
    left += turns[i].speaker == Speaker::human && !in_place ? std::min<int64_t>(here, 1) : here;
  }
  return left;
}

}  // namespace llavakd
