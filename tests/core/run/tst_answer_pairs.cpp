// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>
#include <cmath>

#include "core/base/errors.h"
#include "core/run/answer_pairs.h"

using namespace llavakd;

class TestAnswerPairs : public QObject {
  Q_OBJECT

  struct Judged {
    const char* id;
    const char* type;
    bool right;
    const char* question = "Which?";
  };
  static AnswerSet set_of(const std::vector<Judged>& judged) {
    AnswerSet set{.model = "/m", .task = "exact_match", .file = "/q.json", .images = "/i", .answers = {}};
    for (const Judged& one : judged)
      set.answers.push_back({.id = one.id,
                             .question = one.question,
                             .type = one.type,
                             .images = {"1.png"},
                             .reference = "red",
                             .answer = one.right ? "red" : "blue",
                             .right = one.right});
    return set;
  }
  static std::string fault_of(const AnswerSet& teacher, const AnswerSet& student, bool common = false) {
    try {
      pair_answers(teacher, student, common);
    } catch (const UserError& error) {
      return error.what();
    }
    return {};
  }

 private Q_SLOTS:
  /// Eight questions, counted by hand; the files' orders differ.
  void groupsAreCountedByType() {
    const PairedAnswers paired = pair_answers(set_of({{"1", "a", true},
                                                      {"2", "a", true},
                                                      {"3", "a", true},
                                                      {"4", "a", false},
                                                      {"5", "b", true},
                                                      {"6", "b", true},
                                                      {"7", "b", false},
                                                      {"8", "b", true}}),
                                              set_of({{"8", "b", false},
                                                      {"1", "a", true},
                                                      {"2", "a", false},
                                                      {"3", "a", false},
                                                      {"4", "a", true},
                                                      {"5", "b", false},
                                                      {"6", "b", true},
                                                      {"7", "b", false}}));
    QCOMPARE(paired.pairs.size(), 8UL);
    QVERIFY(paired.only_teacher.empty() && paired.only_student.empty() && paired.repeated.empty());
    QCOMPARE(paired.of_teacher(paired.pairs[0]).id, std::string("8"));
    const OutcomeCounts all = count_outcomes(paired);
    QCOMPARE(all.counts, (std::array<int64_t, 4>{2, 4, 1, 1}));
    QVERIFY(all.teacher_right() == 6 && all.student_right() == 3 && all.total() == 8);
    const auto types = count_outcomes_by_type(paired);
    QCOMPARE(types.at("a").counts, (std::array<int64_t, 4>{1, 2, 1, 0}));
    QCOMPARE(types.at("b").counts, (std::array<int64_t, 4>{1, 2, 0, 1}));
    const auto json = to_json(paired);
    QCOMPARE(json["all"]["mcnemar_p"].get<double>(), 0.375);  // 2 · (1 + 5) / 32
    QCOMPARE(json["all"]["teacher_right_student_wrong"]["count"].get<int>(), 4);
    QCOMPARE(json["all"]["teacher_right_student_wrong"]["share"].get<double>(), 0.5);
    QVERIFY(std::abs(json["all"]["teacher_right_student_wrong"]["interval"][0].get<double>() - 0.2152) < 1e-4);
    QCOMPARE(json["types"]["b"]["student"]["right"].get<int>(), 1);
    QCOMPARE(json["questions"].size(), 8UL);
    QCOMPARE(json["questions"][2]["outcome"].get<std::string>(), std::string("teacher_right_student_wrong"));
    QVERIFY(!to_json(paired, false).contains("questions"));
  }

  void otherQuestionsAreNamed() {
    const AnswerSet teacher = set_of({{"1", "a", true}, {"2", "a", true}, {"3", "a", true}});
    const AnswerSet student = set_of({{"1", "a", true}, {"9", "a", false}});
    const std::string fault = fault_of(teacher, student);
    QVERIFY2(fault.find("2 questions of the teacher alone: 2, 3.") != std::string::npos, fault.c_str());
    QVERIFY2(fault.find("1 question of the student alone: 9.") != std::string::npos, fault.c_str());
    QVERIFY(fault.find("--common") != std::string::npos);
    const PairedAnswers common = pair_answers(teacher, student, true);
    QCOMPARE(common.pairs.size(), 1UL);
    QCOMPARE(common.only_teacher, (std::vector<std::string>{"2", "3"}));
    QCOMPARE(common.only_student, std::vector<std::string>{"9"});
    QCOMPARE(to_json(common)["only_student"].dump(), std::string("[\"9\"]"));
  }

  void nothingInCommonIsRefused() {
    QVERIFY(fault_of(set_of({{"1", "a", true}}), set_of({{"2", "a", true}}), true).find("no question in common") !=
            std::string::npos);
    // An id alone makes no question.
    QVERIFY(!fault_of(set_of({{"1", "a", true, "Who?"}}), set_of({{"1", "a", true, "What?"}})).empty());
  }

  void otherTasksAndReferencesAreRefused() {
    AnswerSet teacher = set_of({{"1", "a", true}}), student = teacher;
    student.task = "vqa";
    QVERIFY(fault_of(teacher, student).find("exact_match, the student's by vqa") != std::string::npos);
    student = teacher;
    student.answers[0].reference = "green";
    QVERIFY(fault_of(teacher, student).find("\"red\" for the teacher and \"green\"") != std::string::npos);
  }

  /// The second of a question that comes twice goes with the second, and that is told.
  void repeatedQuestionsArePairedInOrder() {
    const PairedAnswers paired =
        pair_answers(set_of({{"1", "a", true}, {"1", "a", false}, {"1", "a", true, "Other?"}}),
                     set_of({{"1", "a", false}, {"1", "a", true}, {"1", "a", true, "Other?"}}));
    QCOMPARE(paired.repeated, std::vector<std::string>{"1"});
    QCOMPARE(count_outcomes(paired).counts, (std::array<int64_t, 4>{1, 1, 1, 0}));
  }

  void namesGoBothWays() {
    for (const Outcome outcome : all_outcomes) QVERIFY(outcome_of(name_of(outcome)) == outcome);
    QVERIFY_THROWS_EXCEPTION(UserError, outcome_of("teacher"));
  }
};

QTEST_APPLESS_MAIN(TestAnswerPairs)
#include "tst_answer_pairs.moc"
