// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model_spec/matching.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "core/model_spec/model_config.h"

namespace llavakd {

namespace {

std::string files_text(const ModelFacts& facts) {
  if (!facts.missing.empty()) return "not found";
  const size_t faults = facts.faults.size();
  return faults == 0 ? "complete" : fmt::format("{} fault{}", faults, faults == 1 ? "" : "s");
}

/// What is wrong with the files of one of the models and what to do, or an empty text.
std::string files_remedy(const char* who, const ModelFacts& facts) {
  if (!facts.missing.empty())
    return fmt::format("The {}'s folder {} isn't there; fetch it or choose another.", who,
                       facts.missing.front().string());
  if (!facts.faults.empty()) return fmt::format("The {} can't be opened: {}", who, facts.faults.front());
  if (facts.is_whole_model()) return {};
  return fmt::format("The {} is a bare {}; choose a whole LLaVA-type model.", who, facts.layout);
}

MatchFact files_row(const ModelFacts& teacher, const ModelFacts& student) {
  MatchFact row{"Files", files_text(teacher), files_text(student), MatchLevel::green, {}};
  for (const std::string& remedy : {files_remedy("teacher", teacher), files_remedy("student", student)}) {
    if (remedy.empty()) continue;
    row.level = MatchLevel::red;
    row.remedy += (row.remedy.empty() ? "" : " ") + remedy;
  }
  return row;
}

MatchFact vocabulary_row(const ModelFacts& teacher, const ModelFacts& student) {
  MatchFact row{
      "Vocabulary", std::to_string(teacher.vocabulary), std::to_string(student.vocabulary), MatchLevel::green, {}};
  if (teacher.vocabulary != student.vocabulary) {
    row.level = MatchLevel::amber;
    row.remedy = fmt::format("The logits are compared on the first {} entries, which both have; the rest is left out.",
                             std::min(teacher.vocabulary, student.vocabulary));
  }
  return row;
}

std::string entries_text(const TokenizerFacts& facts) {
  return facts.entries > 0 ? fmt::format("{} tokens", facts.entries) : "none found";
}

MatchFact tokenizer_row(const ModelFacts& teacher, const ModelFacts& student) {
  MatchFact row{"Tokenizer", entries_text(teacher.tokenizer), entries_text(student.tokenizer), MatchLevel::green, {}};
  if (teacher.tokenizer.entries == 0 || student.tokenizer.entries == 0) {
    row.level = MatchLevel::red;
    row.remedy =
        "A folder without a readable tokenizer: put tokenizer.json (or vocab.json and merges.txt, or tokenizer.model) "
        "there.";
    return row;
  }
  const VocabularyDifference difference = compare_vocabularies(teacher.tokenizer, student.tokenizer);
  if (difference.id >= 0) {
    row.level = MatchLevel::red;
    row.remedy = fmt::format(
        "Id {} is \"{}\" for the teacher and \"{}\" for the student, so that their logits can't be compared. Choose a "
        "pair with the same tokenizer.",
        difference.id, difference.teacher_token, difference.student_token);
  } else if (difference.common == 0) {
    row.level = MatchLevel::red;
    row.remedy = "The two have no token in common. Choose a pair with the same tokenizer.";
  } else if (teacher.tokenizer.entries != student.tokenizer.entries) {
    row.level = MatchLevel::amber;
    row.remedy =
        fmt::format("{} tokens are the same in both; the others must not occur in the data.", difference.common);
  } else if (teacher.tokenizer.sample_ids != student.tokenizer.sample_ids) {
    row.level = MatchLevel::amber;
    row.remedy =
        "Their tokens have the same ids, but they cut a text differently. Both models are given the student's tokens, "
        "which the teacher was not trained on.";
  }
  return row;
}

MatchFact template_row(const ModelFacts& teacher, const ModelFacts& student) {
  MatchFact row{"Template", teacher.template_guess, student.template_guess, MatchLevel::green, {}};
  if (teacher.template_guess != student.template_guess) {
    row.level = MatchLevel::amber;
    row.remedy = "The families suggest different templates; both models are given the project's one.";
  }
  return row;
}

std::string pixels_text(const ModelFacts& facts) {
  return fmt::format("{0} × {0}", facts.tower.image_size);
}

MatchFact image_row(const ModelFacts& teacher, const ModelFacts& student) {
  MatchFact row{"Image size", pixels_text(teacher), pixels_text(student), MatchLevel::green, {}};
  if (teacher.tower.image_size != student.tower.image_size) {
    row.level = MatchLevel::red;
    row.remedy =
        "Both models are trained on the same pixels, but their towers take pictures of different sizes. Choose a "
        "student with the teacher's tower.";
  }
  return row;
}

std::vector<std::string> pieces_of(const std::string& text) {
  std::vector<std::string> pieces;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find("; ", begin), text.size());
    pieces.push_back(text.substr(begin, end - begin));
    begin = end + 2;
  }
  return pieces;
}

/// The pieces of `text` that `other` lacks.
std::string only_in(const std::string& text, const std::string& other) {
  const std::vector<std::string> others = pieces_of(other);
  std::vector<std::string> own = pieces_of(text);
  std::erase_if(own, [&](const std::string& piece) { return std::ranges::find(others, piece) != others.end(); });
  return own.empty() ? "not so" : fmt::format("{}", fmt::join(own, ", "));
}

/// How images become pixels; the texts are equal exactly if the processors are.
MatchFact processor_row(const ModelFacts& teacher, const ModelFacts& student) {
  MatchFact row{"Image processor", teacher.processor, student.processor, MatchLevel::green, {}};
  if (teacher.processor == student.processor) return row;
  row.level = MatchLevel::red;
  row.remedy = fmt::format(
      "Both models are trained on the same pixels, but the teacher's are {} and the student's {}. Choose towers of one "
      "kind, or give the student's folder the preprocessor_config.json that its tower was trained with.",
      only_in(teacher.processor, student.processor), only_in(student.processor, teacher.processor));
  return row;
}

bool drops_first(const ModelFacts& facts) {
  return facts.select_strategy == "patch" || facts.select_strategy == "default";
}

/// Why two models make different numbers of visual tokens, and what to do.
std::string tokens_remedy(const ModelFacts& teacher, const ModelFacts& student) {
  const std::string begin = "Relations and predictions of visual tokens are compared one by one. ";
  if (teacher.visual_tokens < 1 || student.visual_tokens < 1)
    return begin + fmt::format("How many the {} makes is unknown: repair its config.json first.",
                               teacher.visual_tokens < 1 ? "teacher" : "student");
  if (has_queries(student.connector))
    return begin + fmt::format("The student's {} makes as many as it has queries: start it with num_queries {}.",
                               student.connector, teacher.visual_tokens);
  if (has_queries(teacher.connector))
    return begin + fmt::format(
                       "The teacher's {} makes {} of a picture: choose a student with a connector of that kind "
                       "and num_queries {}.",
                       teacher.connector, teacher.visual_tokens, teacher.visual_tokens);
  if (teacher.tower.type == student.tower.type && teacher.tower.image_size == student.tower.image_size &&
      teacher.tower.patch_size == student.tower.patch_size && drops_first(teacher) != drops_first(student))
    return begin + fmt::format(
                       "The towers are alike, but \"{}\" and \"{}\" take different tokens of them: choose a "
                       "pair with one vision_feature_select_strategy.",
                       teacher.select_strategy, student.select_strategy);
  return begin + "Choose towers of the same image and patch size.";
}

MatchFact visual_tokens_row(const ModelFacts& teacher, const ModelFacts& student) {
  MatchFact row{"Visual tokens",
                std::to_string(teacher.visual_tokens),
                std::to_string(student.visual_tokens),
                MatchLevel::green,
                {}};
  if (teacher.visual_tokens != student.visual_tokens || teacher.visual_tokens < 1) {
    row.level = MatchLevel::red;
    row.remedy = tokens_remedy(teacher, student);
  }
  return row;
}

MatchFact select_row(const ModelFacts& teacher, const ModelFacts& student) {
  MatchFact row{"Select strategy", teacher.select_strategy, student.select_strategy, MatchLevel::green, {}};
  if (drops_first(teacher) != drops_first(student)) {
    row.level = MatchLevel::amber;
    row.remedy =
        "One keeps its tower's first token, the other drops it, so that equal numbers need not mean equal patches.";
  }
  return row;
}

std::string tower_text(const ModelFacts& facts) {
  return facts.tower.second_type.empty() ? facts.tower.type
                                         : fmt::format("{} and {}", facts.tower.type, facts.tower.second_type);
}

std::string widths_text(const ModelFacts& facts) {
  return fmt::format("{} layers × {}", facts.layers, facts.hidden_size);
}

std::string millions(int64_t parameters) {
  const double value = static_cast<double>(parameters);
  if (parameters >= 1'000'000'000) return fmt::format("{:.2f} B", value / 1e9);
  if (parameters >= 1'000'000) return fmt::format("{:.1f} M", value / 1e6);
  return fmt::format("{:.1f} k", value / 1e3);
}

MatchFact parameters_row(const ModelFacts& teacher, const ModelFacts& student) {
  MatchFact row{
      "Parameters", millions(teacher.total_parameters), millions(student.total_parameters), MatchLevel::green, {}};
  if (student.total_parameters > teacher.total_parameters) {
    row.level = MatchLevel::amber;
    row.remedy = "The student is larger than the teacher: are they swapped?";
  }
  return row;
}

MatchFact info_row(const char* name, std::string teacher, std::string student) {
  return {name, std::move(teacher), std::move(student), MatchLevel::green, {}};
}

}  // namespace

std::vector<MatchFact> compare_models(const ModelFacts& teacher, const ModelFacts& student) {
  if (!teacher.missing.empty() || !student.missing.empty()) return {files_row(teacher, student)};
  std::vector<MatchFact> rows{files_row(teacher, student), vocabulary_row(teacher, student),
                              tokenizer_row(teacher, student), template_row(teacher, student),
                              image_row(teacher, student)};
  if (!teacher.processor.empty() && !student.processor.empty()) rows.push_back(processor_row(teacher, student));
  const std::vector<MatchFact> rest{visual_tokens_row(teacher, student),
                                    select_row(teacher, student),
                                    info_row("Vision tower", tower_text(teacher), tower_text(student)),
                                    info_row("Connector", teacher.connector, student.connector),
                                    info_row("Language model", teacher.family, student.family),
                                    info_row("Widths", widths_text(teacher), widths_text(student)),
                                    parameters_row(teacher, student),
                                    info_row("Stored as", teacher.dtype, student.dtype)};
  rows.insert(rows.end(), rest.begin(), rest.end());
  return rows;
}

MatchLevel worst_level(const std::vector<MatchFact>& rows) {
  MatchLevel worst = MatchLevel::green;
  for (const MatchFact& row : rows) worst = std::max(worst, row.level);
  return worst;
}

std::string_view name_of(MatchLevel level) {
  return level == MatchLevel::green ? "green" : level == MatchLevel::amber ? "amber" : "red";
}

nlohmann::ordered_json to_json(const std::vector<MatchFact>& rows) {
  auto json = nlohmann::ordered_json::array();
  for (const MatchFact& row : rows) {
    json.push_back({{"name", row.name},
                    {"teacher", row.teacher},
                    {"student", row.student},
                    {"level", name_of(row.level)},
                    {"remedy", row.remedy}});
  }
  return json;
}

}  // namespace llavakd
