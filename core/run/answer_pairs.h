// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/run/kept_answers.h"
#include "core/run/proportions.h"

namespace llavakd {

/// Which of the two models has a question right.
enum class Outcome { both_right, teacher_alone, student_alone, both_wrong };
inline constexpr std::array all_outcomes = {Outcome::both_right, Outcome::teacher_alone, Outcome::student_alone,
                                            Outcome::both_wrong};

/// "both_right", "teacher_right_student_wrong", "student_right_teacher_wrong", "both_wrong": in JSON and for commands.
std::string_view name_of(Outcome outcome);
/// The other way. Throws UserError that lists the names.
Outcome outcome_of(std::string_view name);

/// One question with both answers, by their places in the two sets.
struct AnsweredTwice {
  size_t teacher = 0;
  size_t student = 0;
  Outcome outcome = Outcome::both_wrong;
};

/// What two models answered to the same questions.
struct PairedAnswers {
  AnswerSet teacher, student;
  std::vector<AnsweredTwice> pairs;            ///< In the order of the student's.
  std::vector<std::string> only_teacher = {};  ///< Ids of the questions that the student wasn't asked or couldn't be.
  std::vector<std::string> only_student = {};
  std::vector<std::string> repeated = {};  ///< Ids of questions that come more than once word for word.

  const KeptAnswer& of_teacher(const AnsweredTwice& pair) const { return teacher.answers[pair.teacher]; }
  const KeptAnswer& of_student(const AnsweredTwice& pair) const { return student.answers[pair.student]; }
};

/// Pairs answers by id, question and pictures; the second of a question that comes twice with the second. Throws
/// UserError where the tasks differ, an expected answer differs, or no question is in both; and unless `only_common`
/// where a question is in one set alone, naming the first ones.
PairedAnswers pair_answers(AnswerSet teacher, AnswerSet student, bool only_common = false);

/// How many pairs have which outcome.
struct OutcomeCounts {
  std::array<int64_t, all_outcomes.size()> counts = {};  ///< In the order of all_outcomes.

  int64_t& of(Outcome outcome) { return counts[static_cast<size_t>(outcome)]; }
  int64_t of(Outcome outcome) const { return counts[static_cast<size_t>(outcome)]; }
  int64_t total() const;
  int64_t teacher_right() const { return of(Outcome::both_right) + of(Outcome::teacher_alone); }
  int64_t student_right() const { return of(Outcome::both_right) + of(Outcome::student_alone); }
};

OutcomeCounts count_outcomes(const PairedAnswers& paired);
/// The same for each type of question.
std::map<std::string, OutcomeCounts> count_outcomes_by_type(const PairedAnswers& paired);

/// {"questions", "teacher" and "student": {"right", "share", "interval": [low, high]}, each outcome's name likewise
/// with "count", "mcnemar_p"}; shares and bounds from 0 to 1.
nlohmann::ordered_json to_json(const OutcomeCounts& counts);

/// Outcomes over all and by type, both models, what was left out, and, with `questions`, every question with both
/// answers and its outcome.
nlohmann::ordered_json to_json(const PairedAnswers& paired, bool questions = true);

}  // namespace llavakd
