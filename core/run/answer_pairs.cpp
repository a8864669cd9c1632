// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/answer_pairs.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <set>
#include <utility>

#include "core/base/errors.h"
#include "core/base/name_list.h"
#include "core/base/printable.h"

namespace llavakd {
namespace {

using PairJson = nlohmann::ordered_json;

/// What tells a question from all others of its set: id, question and pictures, and which of those that are alike.
using QuestionKey = std::pair<std::vector<std::string>, int64_t>;

/// The keys of a set's answers, in their order; the ids of those that come again go to `repeated`.
std::vector<QuestionKey> question_keys(const AnswerSet& set, std::set<std::string>& repeated) {
  std::map<std::vector<std::string>, int64_t> seen;
  std::vector<QuestionKey> keys;
  for (const KeptAnswer& kept : set.answers) {
    std::vector<std::string> words = {kept.id, kept.question};
    words.insert(words.end(), kept.images.begin(), kept.images.end());
    const int64_t before = seen[words]++;
    if (before > 0) repeated.insert(kept.id);
    keys.emplace_back(std::move(words), before);
  }
  return keys;
}

Outcome outcome_of_pair(bool teacher_right, bool student_right) {
  if (teacher_right) return student_right ? Outcome::both_right : Outcome::teacher_alone;
  return student_right ? Outcome::student_alone : Outcome::both_wrong;
}

std::string count_of_questions(size_t count) {
  return count == 1 ? "1 question" : fmt::format("{} questions", count);
}

void refuse_other_reference(const KeptAnswer& teacher, const KeptAnswer& student) {
  if (teacher.reference == student.reference && teacher.turns == student.turns) return;
  throw UserError(
      fmt::format("The expected answer to \"{}\" is \"{}\" for the teacher and \"{}\" for the student: the file of "
                  "questions has changed in between. Evaluate both again.",
                  printable(teacher.id), printable(teacher.reference), printable(student.reference)));
}

/// Told of one set's questions that the other lacks.
std::string only_in(const char* who, const std::vector<std::string>& ids) {
  return ids.empty()
             ? ""
             : fmt::format(" {} of the {} alone: {}.", count_of_questions(ids.size()), who, printable(name_list(ids)));
}

void refuse_different_sets(const PairedAnswers& paired) {
  if (paired.only_teacher.empty() && paired.only_student.empty()) return;
  throw UserError(
      fmt::format("The two were asked different questions.{}{} Evaluate both on one file, or compare what "
                  "they have in common (--common).",
                  only_in("teacher", paired.only_teacher), only_in("student", paired.only_student)));
}

PairJson share_json(const char* count_key, int64_t count, int64_t of) {
  const ShareInterval interval = wilson_interval(count, of);
  return {{count_key, count},
          {"share", of == 0 ? PairJson() : PairJson(static_cast<double>(count) / static_cast<double>(of))},
          {"interval", {interval.low, interval.high}}};
}

PairJson set_json(const AnswerSet& set) {
  return {{"model", set.model}, {"file", set.file.string()}, {"images", set.images.string()}};
}

PairJson question_json(const PairedAnswers& paired, const AnsweredTwice& pair) {
  const KeptAnswer &teacher = paired.of_teacher(pair), &student = paired.of_student(pair);
  PairJson json = {{"id", student.id},
                   {"type", student.type},
                   {"question", student.question},
                   {"images", student.images},
                   {"reference", student.reference},
                   {"teacher", teacher.answer},
                   {"student", student.answer},
                   {"outcome", name_of(pair.outcome)}};
  if (student.turns != 1) json["turns"] = student.turns;
  return json;
}

}  // namespace

std::string_view name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::both_right:
      return "both_right";
    case Outcome::teacher_alone:
      return "teacher_right_student_wrong";
    case Outcome::student_alone:
      return "student_right_teacher_wrong";
    default:
      return "both_wrong";
  }
}

Outcome outcome_of(std::string_view name) {
  std::vector<std::string> names;
  for (const Outcome outcome : all_outcomes) {
    if (name_of(outcome) == name) return outcome;
    names.emplace_back(name_of(outcome));
  }
  throw UserError(fmt::format("\"{}\" is no group of answers; there are {}.", printable(name), name_list(names)));
}

PairedAnswers pair_answers(AnswerSet teacher, AnswerSet student, bool only_common) {
  if (teacher.task != student.task)
    throw UserError(
        fmt::format("The teacher's answers were judged by {}, the student's by {}. Evaluate both by one "
                    "task.",
                    printable(teacher.task), printable(student.task)));
  std::set<std::string> repeated;
  const std::vector<QuestionKey> of_teacher = question_keys(teacher, repeated);
  const std::vector<QuestionKey> of_student = question_keys(student, repeated);
  std::map<QuestionKey, size_t> places;
  for (size_t i = 0; i < of_teacher.size(); ++i) places.emplace(of_teacher[i], i);
  PairedAnswers paired{.teacher = std::move(teacher), .student = std::move(student), .pairs = {}};
  std::vector<bool> taken(of_teacher.size(), false);
  for (size_t i = 0; i < of_student.size(); ++i) {
    const KeptAnswer& own = paired.student.answers[i];
    const auto found = places.find(of_student[i]);
    if (found == places.end()) {
      paired.only_student.push_back(own.id);
      continue;
    }
    const KeptAnswer& teachers = paired.teacher.answers[found->second];
    refuse_other_reference(teachers, own);
    taken[found->second] = true;
    paired.pairs.push_back({found->second, i, outcome_of_pair(teachers.right, own.right)});
  }
  for (size_t i = 0; i < taken.size(); ++i)
    if (!taken[i]) paired.only_teacher.push_back(paired.teacher.answers[i].id);
  paired.repeated.assign(repeated.begin(), repeated.end());
  if (!only_common) refuse_different_sets(paired);
  if (paired.pairs.empty())
    throw UserError(fmt::format("The two have no question in common.{}{} Evaluate both on one file.",
                                only_in("teacher", paired.only_teacher), only_in("student", paired.only_student)));
  return paired;
}

int64_t OutcomeCounts::total() const {
  return std::accumulate(counts.begin(), counts.end(), int64_t{0});
}

OutcomeCounts count_outcomes(const PairedAnswers& paired) {
  OutcomeCounts counts;
  for (const AnsweredTwice& pair : paired.pairs) ++counts.of(pair.outcome);
  return counts;
}

std::map<std::string, OutcomeCounts> count_outcomes_by_type(const PairedAnswers& paired) {
  std::map<std::string, OutcomeCounts> types;
  for (const AnsweredTwice& pair : paired.pairs) ++types[paired.of_student(pair).type].of(pair.outcome);
  return types;
}

nlohmann::ordered_json to_json(const OutcomeCounts& counts) {
  const int64_t total = counts.total();
  PairJson json = {{"questions", total},
                   {"teacher", share_json("right", counts.teacher_right(), total)},
                   {"student", share_json("right", counts.student_right(), total)}};
  for (const Outcome outcome : all_outcomes)
    json[std::string(name_of(outcome))] = share_json("count", counts.of(outcome), total);
  json["mcnemar_p"] = exact_sign_test(counts.of(Outcome::teacher_alone), counts.of(Outcome::student_alone));
  return json;
}

nlohmann::ordered_json to_json(const PairedAnswers& paired, bool questions) {
  PairJson json = {{"task", paired.student.task},         {"teacher", set_json(paired.teacher)},
                   {"student", set_json(paired.student)}, {"all", to_json(count_outcomes(paired))},
                   {"types", PairJson::object()},         {"only_teacher", paired.only_teacher},
                   {"only_student", paired.only_student}, {"repeated", paired.repeated}};
  for (const auto& [type, counts] : count_outcomes_by_type(paired)) json["types"][type] = to_json(counts);
  if (!questions) return json;
  json["questions"] = PairJson::array();
  for (const AnsweredTwice& pair : paired.pairs) json["questions"].push_back(question_json(paired, pair));
  return json;
}

}  // namespace llavakd
