// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/matching.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/io/stored_tensor.h"
#include "core/project/errors.h"
#include "core/project/model_config.h"
#include "core/project/parameter_shapes.h"

namespace llavakd {

namespace {

std::string count_text(size_t count, const char* what) {
  return count == 0 ? "complete" : fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

MatchFact files_row(const ModelFacts& teacher, const ModelFacts& student) {
  MatchFact row{"Files",
                count_text(teacher.faults.size(), "fault"),
                count_text(student.faults.size(), "fault"),
                MatchLevel::green,
                {}};
  for (const auto& [who, facts] : {std::pair("teacher", &teacher), std::pair("student", &student)}) {
    if (facts->faults.empty() && facts->is_whole_model()) continue;
    row.level = MatchLevel::red;
    if (!row.remedy.empty()) row.remedy += ' ';
    row.remedy += facts->faults.empty()
                      ? fmt::format("The {} is a bare {}; choose a whole LLaVA-type model.", who, facts->layout)
                      : fmt::format("The {} can't be opened: {}", who, facts->faults.front());
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
    row.remedy = "A folder without a readable tokenizer: put tokenizer.json (or vocab.json and merges.txt) there.";
    return row;
  }
  const VocabularyDifference difference = compare_vocabularies(teacher.tokenizer, student.tokenizer);
  if (difference.id >= 0) {
    row.level = MatchLevel::red;
    row.remedy = fmt::format(
        "Id {} is \"{}\" for the teacher and \"{}\" for the student, so that their logits can't be compared. Choose a "
        "pair "
        "with the same tokenizer.",
        difference.id, difference.teacher_token, difference.student_token);
  } else if (difference.common == 0) {
    row.level = MatchLevel::red;
    row.remedy = "The two have no token in common. Choose a pair with the same tokenizer.";
  } else if (teacher.tokenizer.entries != student.tokenizer.entries) {
    row.level = MatchLevel::amber;
    row.remedy =
        fmt::format("{} tokens are the same in both; the others must not occur in the data.", difference.common);
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
    row.level = MatchLevel::amber;
    row.remedy =
        "The towers take pictures of different sizes, so that a patch doesn't show the same to both. The same tower "
        "in both is the tried way.";
  }
  return row;
}

MatchFact visual_tokens_row(const ModelFacts& teacher, const ModelFacts& student) {
  MatchFact row{"Visual tokens",
                std::to_string(teacher.visual_tokens),
                std::to_string(student.visual_tokens),
                MatchLevel::green,
                {}};
  if (teacher.visual_tokens != student.visual_tokens || teacher.visual_tokens < 1) {
    row.level = MatchLevel::red;
    row.remedy = "Visual tokens are compared one by one. Choose towers of the same image and patch size.";
  }
  return row;
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
  return {files_row(teacher, student),
          vocabulary_row(teacher, student),
          tokenizer_row(teacher, student),
          template_row(teacher, student),
          image_row(teacher, student),
          visual_tokens_row(teacher, student),
          info_row("Vision tower", teacher.tower.type, student.tower.type),
          info_row("Connector", teacher.connector, student.connector),
          info_row("Language model", teacher.family, student.family),
          info_row("Widths", widths_text(teacher), widths_text(student)),
          parameters_row(teacher, student),
          info_row("Stored as", teacher.dtype, student.dtype)};
}

ModelFacts combine_parts(const ModelFacts& language_model, const ModelFacts& vision_tower,
                         const std::string& connector) {
  ModelFacts facts = language_model;
  facts.tower = vision_tower.tower;
  facts.connector = connector;
  facts.faults.insert(facts.faults.end(), vision_tower.faults.begin(), vision_tower.faults.end());
  for (const auto& [given, layout] :
       {std::pair(&language_model, "language_model"), std::pair(&vision_tower, "vision_tower")}) {
    if (given->layout.empty() || given->layout == layout) continue;
    facts.faults.push_back(
        fmt::format("{} should be a bare {}, but its layout is {}.", given->path.string(), layout, given->layout));
  }
  const int64_t side = facts.tower.patch_size > 0 ? facts.tower.image_size / facts.tower.patch_size : 0;
  facts.visual_tokens = std::max<int64_t>(0, side * side - 1);
  facts.bytes += vision_tower.bytes;
  for (const auto& [part, count] : vision_tower.parameters) facts.parameters[part] += count;
  try {
    for (const auto& [name, shape] :
         connector_parameter_shapes(connector, facts.tower.width, facts.hidden_size, std::string(kConnectorPrefix))) {
      facts.parameters["connector"] += checked_elements(shape);
    }
  } catch (const UserError& error) {
    facts.faults.emplace_back(error.what());
  }
  facts.total_parameters = 0;
  for (const auto& [part, count] : facts.parameters) facts.total_parameters += count;
  facts.layout = "parts";
  return facts;
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
