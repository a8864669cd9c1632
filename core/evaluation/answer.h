// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/checkpoint/loaded_model.h"
#include "core/evaluation/probe.h"
#include "core/evaluation/sampling.h"
#include "core/text/conversation.h"

namespace llavakd {

/// What was said before in the same conversation.
struct EarlierTurn {
  std::string question, answer;
};

/// One question, with or without pictures.
struct Question {
  std::optional<std::filesystem::path> image;
  std::string text;
  std::string conversation_template = "qwen2_base";
  std::string aspect_ratio = {};                        ///< "square" or "pad"; empty: as the model's config says.
  std::vector<std::filesystem::path> more_images = {};  ///< After `image`, which is there then.
  std::vector<EarlierTurn> earlier = {};                ///< Oldest first; the pictures go with the first question.

  std::vector<ImageRef> images() const;
};

/// How a question is answered, and who is asked and told meanwhile; each of them may be empty.
struct AnswerSettings {
  Sampling sampling = {};                 ///< Greedy at first.
  std::function<bool()> keep_going = {};  ///< Asked at each token of the answer; a no ends it.
  /// Told the answer's tokens so far, with each new one.
  std::function<void(const std::vector<int64_t>& ids)> chosen = {};
};

struct Answer {
  std::string text;
  std::vector<int64_t> ids;  ///< Without the end token.
  double seconds = 0;        ///< With reading picture and prompt.
  /// Until the first token was known: picture, prompt and what a first question sets up. Nothing in an empty answer.
  std::optional<double> first_token_seconds;
  /// Of the answer alone; nothing where it is too short to tell.
  std::optional<double> tokens_per_second;
  bool cut = false;      ///< It ran into max_new_tokens or the model's last position.
  bool stopped = false;  ///< It was ended by a no.
};

/// The speed from the times, in seconds, at which the tokens of one answer were known. The first comes after
/// picture and prompt, and the step after it still fills caches; what remains must be eight steps long to count.
std::optional<double> decoding_speed(const std::vector<double>& token_times);

/// The answer, which ends where the model has no position left. Throws UserError for a broken picture, an unknown
/// template, settings out of their bounds and a prompt longer than the model has positions.
Answer answer(const LoadedModel& model, const Question& question, int64_t max_new_tokens,
              const AnswerSettings& how = {});

/// Ids that end an answer: the template's end token where the vocabulary has it, else the tokenizer's; and those of the
/// model's own settings.
std::vector<int64_t> end_ids_of(const LoadedModel& model, const ConversationTemplate& conversation_template);

/// The text of an answer's ids without special tokens, and without white space around it.
std::string answer_text(const LoadedModel& model, const std::vector<int64_t>& ids);

/// The conversation that ends with the question, the pictures in front. Throws UserError for several pictures or turns
/// with a template that has room for one picture alone (captions).
Conversation conversation_of(const Question& question);

/// The question's pictures as the model's tower gets them, [images, 3, H, W]; undefined without one.
at::Tensor pixels_of(const LoadedModel& model, const Question& question);

/// The prompt of a question as the model reads it.
Sequence prompt_of(const LoadedModel& model, const Question& question);

/// Throws UserError where the prompt leaves the model no position for an answer.
void refuse_long_prompt(const LoadedModel& model, const Sequence& prompt);

/// run_probe() of a question's prompt with both models; the teacher may be null. Throws UserError where they don't fit
/// or the prompt is longer than a model has positions.
Probe probe_question(const LoadedModel* teacher, const LoadedModel& student, const Question& question);

}  // namespace llavakd
