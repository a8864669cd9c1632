// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>
#include <vector>

#include "core/run/answer_pairs.h"

namespace llavakd {

/// Questions of an evaluation as samples to learn from, in the project's data format: a list of conversations, each a
/// question with its expected answer. Of a row with several turns the first one alone. Image paths stay as the file of
/// questions writes them: they start from its folder of pictures (AnswerSet::images).
nlohmann::ordered_json data_of_answers(const std::vector<const KeptAnswer*>& answers);

/// Those of a group's questions, in their order.
std::vector<const KeptAnswer*> answers_of_outcome(const PairedAnswers& paired, Outcome outcome);

/// Writes data_of_answers as a data file by AtomicFile. Throws UserError where there is no answer to write.
void write_data_of_answers(const std::filesystem::path& path, const std::vector<const KeptAnswer*>& answers);

}  // namespace llavakd
