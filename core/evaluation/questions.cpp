// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/questions.h"

#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>

#include "core/base/errors.h"
#include "core/data/dataset.h"
#include "core/data/loader.h"
#include "core/evaluation/answer.h"
#include "core/evaluation/generate.h"
#include "core/models/forward.h"
#include "core/text/conversation.h"
#include "core/text/prompt_text.h"

namespace llavakd {
namespace {

/// Turns rows into questions.
class QuestionPreparer {
 public:
  QuestionPreparer(const LoadedModel& model, const ScoringOptions& options) : model_(model) {
    preparation_.images_folder = options.images;
    preparation_.conversation_template = &conversation_template(options.conversation_template);
    preparation_.visual_tokens = model.model.config().visual_tokens();
    preparation_.max_length = options.max_length;
    preparation_.processor = model.processor;
    preparation_.aspect = aspect_of(model, options.aspect_ratio);
    preparation_.needs_pixels = [](const ImageRef&) {
      return false;
    };  // features() decodes each picture once
  }

  /// Throws UserError where the row can't be asked.
  TaskQuestion prepare(std::shared_ptr<const Sample> sample, int64_t index) {
    PreparedSample prepared = prepare_sample(*sample, index, model_.tokenizer, preparation_);
    if (prepared.sequence.skipped) throw UserError(*prepared.sequence.skipped);
    return {std::move(sample), std::move(prepared.sequence), features(prepared.images)};
  }

 private:
  /// Rows next to each other usually ask about the same picture.
  at::Tensor features(const std::vector<ImageRef>& images) {
    std::vector<at::Tensor> features;
    for (const ImageRef& image : images) {
      if (image != last_image_) {
        const at::Tensor pixels = load_pixels(model_, {image}, preparation_.aspect);
        const at::Tensor& weight = model_.model.head_weight();
        last_ = model_.model.vision_features(pixels.to(weight.device(), weight.scalar_type()));
        last_image_ = image;
      }
      features.push_back(last_);
    }
    return features.empty() ? at::Tensor() : at::cat(features);
  }

  const LoadedModel& model_;
  PreparationOptions preparation_;
  ImageRef last_image_;
  at::Tensor last_;
};

/// The features of all questions one after the other; undefined where none has a picture.
at::Tensor features_of_all(const std::vector<TaskQuestion>& questions) {
  std::vector<at::Tensor> features;
  for (const TaskQuestion& question : questions)
    if (question.features.defined()) features.push_back(question.features);
  return features.empty() ? at::Tensor() : at::cat(features);
}

/// The sequence up to where its first answer begins.
Sequence prompt_before_answer(const Sequence& sequence) {
  Sequence prompt = sequence;
  const auto answer = std::ranges::find(prompt.segments, SegmentKind::response, &Segment::kind);
  if (answer == prompt.segments.end()) return prompt;
  prompt.input_ids.resize(static_cast<size_t>(answer->begin));
  prompt.labels.resize(static_cast<size_t>(answer->begin));
  prompt.segments.erase(answer, prompt.segments.end());
  return prompt;
}

struct RightAnswers {
  int64_t right = 0;
  int64_t asked = 0;
  double percent() const { return 100.0 * static_cast<double>(right) / static_cast<double>(asked); }
};

/// The first question of a row as people read it: without the placeholder of its picture at its beginning or end. One
/// that stands within the text, or with others, stays.
std::string shown_question(const std::string& text) {
  const size_t place = text.find(image_placeholder);
  const auto trimmed = [](std::string_view words) {
    const size_t first = words.find_first_not_of(" \n"), last = words.find_last_not_of(" \n");
    return first == std::string_view::npos ? std::string() : std::string(words.substr(first, last - first + 1));
  };
  if (place == std::string::npos || text.find(image_placeholder, place + 1) != std::string::npos) return text;
  const std::string before = trimmed(std::string_view(text).substr(0, place));
  const std::string after = trimmed(std::string_view(text).substr(place + image_placeholder.size()));
  return before.empty() || after.empty() ? before + after : text;
}

/// What the model said to a question that was judged.
KeptAnswer kept_answer(const LoadedModel& model, const ScoringOptions& options, const TaskQuestion& question,
                       bool right, RightAnswer right_answer) {
  const Sample& sample = *question.sample;
  KeptAnswer kept{.id = sample.id,
                  .question = {},
                  .type = question_type(sample),
                  .images = {},
                  .reference = {},
                  .answer = {},
                  .right = right,
                  .template_name = sample.template_name};
  const std::string& asked = sample.turns.front().text;
  kept.question = shown_question(asked);
  kept.turns = std::ranges::count(sample.turns, Speaker::human, &Turn::speaker);
  for (const ImageRef& image : sample.images) kept.images.push_back(image.file);
  if (kept.turns > 1)
    kept.images.resize(std::min<size_t>(kept.images.size(), size_t(count_of(asked, image_placeholder))));
  kept.reference = sample.turns.size() > 1 ? sample.turns[1].text : "";
  if (right && right_answer == RightAnswer::is_expected)
    kept.answer = kept.reference;
  else
    kept.answer = greedy_answer(model, options, question, options.max_new_tokens, &kept.cut);
  return kept;
}

/// What the mean over the types is a mean over.
std::string mean_over(size_t asked, size_t types) {
  if (types == 1) return "share of the questions";
  return asked == types ? fmt::format("mean over {} types", types)
                        : fmt::format("mean over {} of {} types", asked, types);
}

}  // namespace

std::string question_type(const Sample& sample) {
  return sample.type.empty() ? "all" : sample.type;
}

AskedQuestions ask_questions(const LoadedModel& model, const ScoringOptions& options, const ScoringProgress& progress,
                             const std::function<void(const std::vector<TaskQuestion>&)>& ask) {
  const at::NoGradGuard no_grad;
  const auto dataset = open_dataset(options.file);
  QuestionPreparer preparer(model, options);
  AskedQuestions asked;
  std::optional<std::string> first_reason;
  const auto skip = [&](const std::string& who, const std::string& reason) {
    if (!first_reason) first_reason = reason;
    asked.result.skipped.push_back(who + reason);
  };
  for (const auto& fault : dataset->faults())
    skip(fmt::format("line {}, sample '{}': ", fault.line, fault.id), fault.reason);
  const int64_t total = dataset->size();
  for (int64_t begin = 0; begin < total; begin += options.batch_size) {
    if (progress && !progress(begin, total)) throw RunError("The evaluation was stopped.");
    std::vector<TaskQuestion> questions;
    for (int64_t i = begin; i < std::min(begin + options.batch_size, total); ++i) {
      const auto sample = dataset->sample(i);
      asked.types.insert(question_type(*sample));
      try {
        questions.push_back(preparer.prepare(sample, i));
      } catch (const UserError& error) {
        skip(sample->id + ": ", error.what());
      }
    }
    asked.result.n += std::ssize(questions);
    if (!questions.empty()) ask(questions);
  }
  if (progress) progress(total, total);
  if (asked.result.n == 0)
    asked.result.no_score =
        fmt::format("0 of {} questions could be asked, the first because {}{}", asked.result.skipped.size(),
                    first_reason.value_or(""), first_reason.value_or("").ends_with('.') ? "" : ".");
  return asked;
}

TaskResult score_accuracy(const LoadedModel& model, const ScoringOptions& options, const ScoringProgress& progress,
                          const std::function<std::vector<bool>(const std::vector<TaskQuestion>&)>& judge,
                          RightAnswer right_answer) {
  std::map<std::string, RightAnswers> types;
  AskedQuestions asked = ask_questions(model, options, progress, [&](const std::vector<TaskQuestion>& questions) {
    const std::vector<bool> right = judge(questions);
    for (size_t k = 0; k < questions.size(); ++k) {
      RightAnswers& type = types[question_type(*questions[k].sample)];
      ++type.asked;
      type.right += right[k] ? 1 : 0;
      if (options.keep_answer) options.keep_answer(kept_answer(model, options, questions[k], right[k], right_answer));
    }
  });
  TaskResult result = std::move(asked.result);
  double sum = 0;
  for (const std::string& type : asked.types) {
    const auto found = types.find(type);
    const auto percent = found == types.end() ? std::nullopt : std::optional(found->second.percent());
    result.breakdown.parts.emplace_back(type, percent);
    sum += percent.value_or(0);
  }
  if (types.empty()) return result;
  result.score = sum / static_cast<double>(types.size());
  result.score_is = mean_over(types.size(), asked.types.size());
  return result;
}

std::vector<bool> greedy_answers_match(const MultimodalModel& model, const std::vector<TaskQuestion>& questions) {
  std::vector<Sequence> sequences;
  for (const TaskQuestion& question : questions) sequences.push_back(question.sequence);
  const at::Tensor hidden = predict(model, sequences, features_of_all(questions)).hidden;
  std::vector<int64_t> rows, labels, owners;
  for (size_t i = 0; i < sequences.size(); ++i)
    for (size_t t = 1; t < sequences[i].labels.size(); ++t) {
      if (sequences[i].labels[t] == ignore_index) continue;
      rows.push_back(static_cast<int64_t>(i) * hidden.size(1) + static_cast<int64_t>(t) - 1);
      labels.push_back(sequences[i].labels[t]);
      owners.push_back(static_cast<int64_t>(i));
    }
  const at::Tensor chosen = hidden.flatten(0, 1).index_select(0, at::tensor(rows, at::kLong).to(hidden.device()));
  const at::Tensor likeliest = model.logits(chosen).argmax(-1).cpu();
  std::vector<bool> right(sequences.size(), true);
  for (size_t k = 0; k < labels.size(); ++k)
    if (likeliest.data_ptr<int64_t>()[k] != labels[k]) right[static_cast<size_t>(owners[k])] = false;
  return right;
}

std::string greedy_answer(const LoadedModel& model, const ScoringOptions& options, const TaskQuestion& question,
                          int64_t max_new_tokens, bool* cut) {
  const Sequence prompt = prompt_before_answer(question.sequence);
  const auto images = std::ssize(image_spans(prompt));
  const at::Tensor features = images > 0 ? question.features.narrow(0, 0, images) : at::Tensor();
  const std::string& own_template = question.sample->template_name;
  const auto end_ids =
      end_ids_of(model, conversation_template(own_template.empty() ? options.conversation_template : own_template));
  const int64_t positions = model.model.config().language.max_position_embeddings - std::ssize(prompt.input_ids);
  const int64_t most = std::min(max_new_tokens, positions);
  const std::vector<int64_t> ids =
      generate_from(model.model, embed_features(model.model, {prompt}, features), end_ids, most);
  if (cut) *cut = std::ssize(ids) >= most;
  return answer_text(model, ids);
}

}  // namespace llavakd
