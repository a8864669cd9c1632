// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/project/model_facts.h"

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

/// Compares what distillation needs of a pair (method notes, 0 and 3): faults of each, vocabulary, tokenizer, image
/// size, visual tokens, connector, widths, family, stored type. The student may be put together from parts: then its
/// facts are combine_parts' result.
std::vector<MatchFact> compare_models(const ModelFacts& teacher, const ModelFacts& student);

/// The facts of a student put together from a bare language model, a bare tower and a fresh connector.
ModelFacts combine_parts(const ModelFacts& language_model, const ModelFacts& vision_tower,
                         const std::string& connector);

/// The worst level of the rows; green without any.
MatchLevel worst_level(const std::vector<MatchFact>& rows);

/// "green", "amber" or "red".
std::string_view name_of(MatchLevel level);

nlohmann::ordered_json to_json(const std::vector<MatchFact>& rows);

}  // namespace llavakd
