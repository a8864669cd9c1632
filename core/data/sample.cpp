// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/sample.h"

#include <fmt/format.h>

#include "core/data/image_file.h"
#include "core/text/prompt_text.h"
#include "core/text/unicode.h"

namespace llavakd {
namespace {

int64_t word_count(std::string_view text) {
  int64_t words = 0;
  bool inside = false;
  for (size_t i = 0; i < text.size();) {
    const CodePoint c = code_point_at(text, i);
    const bool space = is_white_space(c.value);
    if (!space && !inside) ++words;
    inside = !space;
    i += c.length;
  }
  return words;
}

/// Why the placeholders of a sample don't fit its images.
std::string placeholder_fault(const Sample& sample, int64_t placeholders) {
  const auto images = static_cast<int64_t>(sample.images.size());
  if (placeholders == 0)
    return fmt::format("it names {} picture{}, but there is no {} in its text", images, images == 1 ? "" : "s",
                       image_placeholder);
  if (images == 0) return fmt::format("there is {} in its text, but it names no picture", image_placeholder);
  for (const Turn& turn : sample.turns) {
    const size_t first = turn.text.find(image_placeholder);
    if (turn.speaker != Speaker::human || first == std::string::npos) continue;
    if (turn.text.find(image_placeholder, first + 1) == std::string::npos) continue;
    return fmt::format(
        "a question has several {}, of which the released rules keep one, so that {} place(s) are left for {} "
        "picture(s)",
        image_placeholder, placeholders, images);
  }
  return fmt::format("{} {} in the text but {} image(s)", placeholders, image_placeholder, images);
}

}  // namespace

Conversation Sample::conversation() const {
  return {id, turns, static_cast<int64_t>(images.size())};
}

std::string DataFault::message() const {
  return fmt::format("line {}, sample '{}': {}.", line, id, reason);
}

std::string reason_of(const UserError& error) {
  std::string reason = error.what();
  if (reason.ends_with('.')) reason.pop_back();
  return reason;
}

std::optional<std::string> sample_fault(const Sample& sample) {
  for (const ImageRef& image : sample.images) {
    if (!image.is_file()) continue;
    if (auto fault = image_name_fault(image.file)) return fault;
  }
  if (auto fault = conversation_fault(sample.conversation())) return fault;
  if (!sample.template_name.empty()) {
    try {
      conversation_template(sample.template_name);
    } catch (const UserError& error) {
      return reason_of(error);
    }
  }
  const int64_t placeholders = placeholders_left(sample.conversation());
  const auto images = static_cast<int64_t>(sample.images.size());
  if (placeholders != images) return placeholder_fault(sample, placeholders);
  return std::nullopt;
}

const ConversationTemplate& template_of(const Sample& sample, const ConversationTemplate& otherwise) {
  return sample.template_name.empty() ? otherwise : conversation_template(sample.template_name);
}

SampleLength sample_length(const Sample& sample) {
  SampleLength length{0, !sample.images.empty()};
  for (const Turn& turn : sample.turns) length.words += word_count(turn.text);
  return length;
}

}  // namespace llavakd
