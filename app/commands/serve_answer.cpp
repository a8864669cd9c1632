// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commands/serve_answer.h"

#include <chrono>
#include <limits>

#include "app/commands/serve_parameters.h"
#include "core/base/errors.h"
#include "core/checkpoint/model_template.h"
#include "core/evaluation/answer_pieces.h"
#include "core/project/project_file.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

constexpr size_t most_images = 16, most_turns = 64;
/// More often than that nobody reads, and every piece costs decoding all of the answer so far.
constexpr std::chrono::milliseconds between_pieces{30};

Sampling sampling_of(const Json& parameters) {
  Sampling sampling;
  sampling.temperature = number_of_key(parameters, "temperature", 0);
  sampling.top_p = number_of_key(parameters, "top_p", 1);
  sampling.seed = static_cast<uint64_t>(whole_number_of(parameters, "seed", 0, 0, std::numeric_limits<int64_t>::max()));
  refuse_wrong_sampling(sampling);
  return sampling;
}

Json measured_or_null(const std::optional<double>& number) {
  return number ? Json(*number) : Json();
}

const char* why_ended(const Answer& given) {
  return given.stopped ? "stopped" : given.cut ? "limit" : "end";
}

Json result_of(const Answer& given) {
  Json result;
  result["text"] = given.text;
  result["ids"] = given.ids;
  result["seconds"] = given.seconds;
  result["first_token_seconds"] = measured_or_null(given.first_token_seconds);
  result["tokens_per_second"] = measured_or_null(given.tokens_per_second);
  result["cut"] = given.cut;
  result["ended"] = why_ended(given);
  return result;
}

}  // namespace

Question question_of(const ServedModels& models, const Json& parameters, const LoadedModel& model) {
  Question question;
  const std::filesystem::path& file = models.project_file();
  if (const auto image = text_of(parameters, "image"); !image.empty()) question.image = resolve(file, image);
  for (const std::string& image : texts_of(parameters, "more_images", most_images)) {
    if (!question.image) throw UserError("\"more_images\" go with an \"image\", which is missing.");
    question.more_images.push_back(resolve(file, image));
  }
  for (const Json& turn : objects_of(parameters, "earlier", most_turns))
    question.earlier.push_back({required_text(turn, "question"), text_of(turn, "answer")});
  question.text = required_text(parameters, "question");
  question.conversation_template = text_of(parameters, "template", known_template_of(model).name);
  if (question.conversation_template.empty()) question.conversation_template = models.project().conversation_template;
  question.aspect_ratio = models.project().image.aspect_ratio;
  return question;
}

Json serve_answer(ServedModels& models, const Json& parameters, const std::function<bool()>& wanted,
                  const std::function<void(const std::string&, size_t)>& told) {
  const std::string who = required_text(parameters, "model");
  if (who != "teacher" && who != "student") throw UserError("\"model\" must be teacher or student.");
  const int64_t limit = whole_number_of(parameters, "max_new_tokens", 64, 1, 4096);
  AnswerSettings how{.sampling = sampling_of(parameters), .keep_going = wanted};
  const bool streams = flag_of(parameters, "stream");
  // Nobody waits for a model whose answer isn't wanted any more.
  if (!wanted()) {
    Answer none;
    none.stopped = true;
    return result_of(none);
  }
  const auto model = who == "teacher" ? models.teacher() : models.student(text_of(parameters, "checkpoint"));
  Question question = question_of(models, parameters, *model);
  // Each answers as it was trained, which the project doesn't know of a model that it was given.
  if (model->model.config().has_aspect_ratio) question.aspect_ratio.clear();
  AnswerPieces pieces;
  std::optional<Clock::time_point> last;
  if (streams)
    how.chosen = [&](const std::vector<int64_t>& ids) {
      if (last && Clock::now() - *last < between_pieces) return;
      if (const std::string piece = pieces.next(answer_text(*model, ids)); !piece.empty()) told(piece, ids.size());
      last = Clock::now();
    };
  const Answer given = answer(*model, question, limit, how);
  if (streams)
    if (const std::string rest = pieces.next(given.text); !rest.empty()) told(rest, given.ids.size());
  Json result = result_of(given);
  result["template"] = question.conversation_template;
  return result;
}

}  // namespace llavakd
