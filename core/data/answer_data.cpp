// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/answer_data.h"

#include <fmt/format.h>

#include "core/base/errors.h"
#include "core/io/json_file.h"
#include "core/text/conversation.h"

namespace llavakd {
namespace {

/// The question with the placeholders that its pictures need, in front where the file's own weren't kept.
std::string question_with_placeholders(const KeptAnswer& kept) {
  if (kept.question.find(image_placeholder) != std::string::npos) return kept.question;
  std::string text;
  for (size_t i = 0; i < kept.images.size(); ++i) text += std::string(image_placeholder) + "\n";
  return text + kept.question;
}

nlohmann::ordered_json sample_of_answer(const KeptAnswer& kept) {
  nlohmann::ordered_json sample = {{"id", kept.id}};
  if (kept.images.size() == 1) sample["image"] = kept.images.front();
  if (kept.images.size() > 1) sample["images"] = kept.images;
  if (!kept.type.empty()) sample["type"] = kept.type;
  if (!kept.template_name.empty()) sample["template"] = kept.template_name;
  sample["conversations"] = {{{"from", "human"}, {"value", question_with_placeholders(kept)}},
                             {{"from", "gpt"}, {"value", kept.reference}}};
  return sample;
}

}  // namespace

nlohmann::ordered_json data_of_answers(const std::vector<const KeptAnswer*>& answers) {
  auto samples = nlohmann::ordered_json::array();
  for (const KeptAnswer* kept : answers) samples.push_back(sample_of_answer(*kept));
  return samples;
}

std::vector<const KeptAnswer*> answers_of_outcome(const PairedAnswers& paired, Outcome outcome) {
  std::vector<const KeptAnswer*> answers;
  for (const AnsweredTwice& pair : paired.pairs)
    if (pair.outcome == outcome) answers.push_back(&paired.of_student(pair));
  return answers;
}

void write_data_of_answers(const std::filesystem::path& path, const std::vector<const KeptAnswer*>& answers) {
  if (answers.empty())
    throw UserError(fmt::format("There is no question to write into {}; choose another group.", path.string()));
  write_json(path, data_of_answers(answers));
}

}  // namespace llavakd
