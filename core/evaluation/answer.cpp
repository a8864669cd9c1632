// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "core/base/errors.h"
#include "core/evaluation/generate.h"

namespace llavakd {
namespace {

/// Throws UserError where a prompt has more tokens than the model has positions; otherwise how many an answer may have.
int64_t room_after(const LoadedModel& model, const Sequence& prompt) {
  const int64_t positions = model.model.config().language.max_position_embeddings;
  const auto tokens = static_cast<int64_t>(prompt.input_ids.size());
  if (tokens < positions) return positions - tokens;
  throw UserError(
      fmt::format("The question makes a prompt of {} tokens, {} of them the picture's, and the model has {} positions "
                  "(max_position_embeddings): ask with fewer words.",
                  tokens, std::ranges::count(prompt.input_ids, image_token_index), positions));
}

}  // namespace

void refuse_long_prompt(const LoadedModel& model, const Sequence& prompt) {
  room_after(model, prompt);
}

std::vector<ImageRef> Question::images() const {
  std::vector<ImageRef> all;
  if (image) all.emplace_back(*image);
  for (const auto& more : more_images) all.emplace_back(more);
  return all;
}

at::Tensor pixels_of(const LoadedModel& model, const Question& question) {
  const std::vector<ImageRef> images = question.images();
  if (images.empty()) return {};
  return load_pixels(model, images, aspect_of(model, question.aspect_ratio));
}

Conversation conversation_of(const Question& question) {
  Conversation conversation;
  conversation.images = std::ssize(question.images());
  if (conversation_template(question.conversation_template).is_caption() &&
      (conversation.images > 1 || !question.earlier.empty()))
    throw UserError(
        fmt::format("The template {} asks about one picture, once: ask with one picture and no earlier turn.",
                    question.conversation_template));
  std::string pictures;
  for (int64_t i = 0; i < conversation.images; ++i) pictures += std::string(image_placeholder) + "\n";
  for (const EarlierTurn& turn : question.earlier) {
    conversation.turns.push_back({Speaker::human, std::exchange(pictures, {}) + turn.question});
    conversation.turns.push_back({Speaker::gpt, turn.answer});
  }
  conversation.turns.push_back({Speaker::human, pictures + question.text});
  return conversation;
}

Sequence prompt_of(const LoadedModel& model, const Question& question) {
  return make_prompt(model.tokenizer, conversation_template(question.conversation_template), conversation_of(question),
                     model.model.config().visual_tokens());
}

std::vector<int64_t> end_ids_of(const LoadedModel& model, const ConversationTemplate& conversation_template) {
  std::vector<int64_t> ids = model.end_ids;
  const auto id = conversation_template.eos.empty() ? std::nullopt : model.tokenizer.id(conversation_template.eos);
  if (id)
    ids.push_back(*id);
  else if (model.tokenizer.eos())
    ids.push_back(model.tokenizer.eos()->id);
  return ids;
}

std::string answer_text(const LoadedModel& model, const std::vector<int64_t>& ids) {
  const std::string text = model.tokenizer.decode(ids, true);
  const auto first = text.find_first_not_of(" \n"), last = text.find_last_not_of(" \n");
  return first == std::string::npos ? "" : text.substr(first, last - first + 1);
}

std::optional<double> decoding_speed(const std::vector<double>& token_times) {
  constexpr std::size_t warm_up = 1, fewest_steps = 8;
  if (token_times.size() <= warm_up + fewest_steps) return std::nullopt;
  const double seconds = token_times.back() - token_times[warm_up];
  if (!(seconds > 0)) return std::nullopt;
  return static_cast<double>(token_times.size() - 1 - warm_up) / seconds;
}

Answer answer(const LoadedModel& model, const Question& question, int64_t max_new_tokens, const AnswerSettings& how) {
  const auto begin = std::chrono::steady_clock::now();
  const auto seconds = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  };
  Answer result;
  std::vector<double> token_times;
  const auto goes_on = [&] {
    result.stopped = how.keep_going && !how.keep_going();
    return !result.stopped;
  };
  const auto chosen = [&](int64_t id) {
    token_times.push_back(seconds());
    result.ids.push_back(id);
    if (how.chosen) how.chosen(result.ids);
  };
  refuse_wrong_sampling(how.sampling);
  const Sequence prompt = prompt_of(model, question);
  const auto end_ids = end_ids_of(model, conversation_template(question.conversation_template));
  max_new_tokens = std::min(max_new_tokens, room_after(model, prompt));
  result.ids = generate(model.model, prompt, pixels_of(model, question), end_ids, max_new_tokens,
                        {how.sampling, goes_on, goes_on, chosen});
  result.text = answer_text(model, result.ids);
  result.seconds = seconds();
  if (!token_times.empty()) result.first_token_seconds = token_times.front();
  result.tokens_per_second = decoding_speed(token_times);
  result.cut = static_cast<int64_t>(result.ids.size()) == max_new_tokens;
  return result;
}

Probe probe_question(const LoadedModel* teacher, const LoadedModel& student, const Question& question) {
  if (teacher) refuse_mismatch(*teacher, student);
  const bool other_processor = teacher && !(teacher->processor == student.processor);
  const Sequence prompt = prompt_of(student, question);
  refuse_long_prompt(student, prompt);
  if (teacher) refuse_long_prompt(*teacher, prompt);
  Probe probe = run_probe(teacher ? &teacher->model : nullptr, student.model, prompt, pixels_of(student, question),
                          other_processor ? pixels_of(*teacher, question) : at::Tensor());
  probe.image = question.image ? question.image->string() : "";
  probe.question = question.text;
  return probe;
}

}  // namespace llavakd
