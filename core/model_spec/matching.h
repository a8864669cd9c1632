// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/model_spec/model_facts.h"

namespace llavakd {

/// How well a fact of the teacher fits the student's: fine or for information; works, with the consequence named; can't
/// work.
enum class MatchLevel { green, amber, red };

/// One row of the table between the teacher's and the student's card.
struct MatchFact {
  std::string name;     ///< "Vocabulary", "Tokenizer", …
  std::string teacher;  ///< Its value as text.
  std::string student;
  MatchLevel level = MatchLevel::green;
  std::string remedy;  ///< What to do or what follows; empty when green.
};

/// Compares what distillation needs of a pair (method notes, 0 and 3): faults of each, vocabulary, tokenizer, template,
/// image size and processor (if `processor` of both is filled in), visual tokens, select strategy; then tower,
/// connector, language model, widths, parameters, stored type. Where a folder isn't there, nothing can be compared: the
/// first row alone says so. The student may be put together from parts: then its facts are combine_parts' result.
std::vector<MatchFact> compare_models(const ModelFacts& teacher, const ModelFacts& student);

/// The facts of a student put together from a language model, a tower (each alone or part of a whole model) and a fresh
/// connector with `num_queries` queries if it has any (0: as many as usual).
ModelFacts combine_parts(const ModelFacts& language_model, const ModelFacts& vision_tower, const std::string& connector,
                         int64_t num_queries = 0);

/// The worst level of the rows; green without any.
MatchLevel worst_level(const std::vector<MatchFact>& rows);

/// "green", "amber" or "red".
std::string_view name_of(MatchLevel level);

nlohmann::ordered_json to_json(const std::vector<MatchFact>& rows);

}  // namespace llavakd
