// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <filesystem>

#include "core/base/errors.h"
#include "core/data/answer_data.h"
#include "core/data/dataset.h"
#include "core/io/json_file.h"

using namespace llavakd;
namespace fs = std::filesystem;

class TestAnswerData : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  fs::path file() const { return fs::path(dir_.path().toStdString()) / "more.json"; }

  static KeptAnswer kept(const char* id, std::vector<std::string> images, const char* question) {
    return {.id = id,
            .question = question,
            .type = "color",
            .images = std::move(images),
            .reference = "red",
            .answer = "blue"};
  }

 private Q_SLOTS:
  /// A run reads it like any data file, and what is learnt is the expected answer.
  void aRunCanLearnFromIt() {
    const KeptAnswer plain = kept("a", {"1.png"}, "Which color?"), text = kept("b", {}, "Which?"),
                     several = kept("c", {"1.png", "2.png"}, "<image> or <image>?"),
                     in_front = kept("d", {"1.png"}, "Left?");
    write_data_of_answers(file(), {&plain, &text, &several, &in_front});
    const auto dataset = open_dataset(file());
    QVERIFY(dataset->faults().empty());
    QCOMPARE(dataset->size(), 4);
    const auto first = dataset->sample(0);
    QCOMPARE(first->turns[0].text, std::string("<image>\nWhich color?"));
    QCOMPARE(first->turns[1].text, std::string("red"));
    QVERIFY(first->type == "color" && first->images == std::vector<ImageRef>{"1.png"});
    QVERIFY(dataset->sample(1)->images.empty());
    QCOMPARE(dataset->sample(2)->turns[0].text, std::string("<image> or <image>?"));
    QCOMPARE(dataset->sample(2)->images.size(), 2UL);
  }

  void theRowsOwnTemplateGoesWithIt() {
    KeptAnswer own = kept("a", {"1.png"}, "Which?");
    own.template_name = "no_system";
    write_data_of_answers(file(), {&own});
    QCOMPARE(open_dataset(file())->sample(0)->template_name, std::string("no_system"));
  }

  void groupsAreThoseOfTheOutcome() {
    AnswerSet teacher{.model = "/t", .task = "exact_match", .file = "/q", .images = "/i", .answers = {}};
    for (const char* id : {"a", "b", "c"}) teacher.answers.push_back(kept(id, {"1.png"}, "Which?"));
    AnswerSet student = teacher;
    teacher.answers[0].right = teacher.answers[2].right = true;
    student.answers[0].right = true;
    const PairedAnswers paired = pair_answers(teacher, student);
    const auto failed = answers_of_outcome(paired, Outcome::teacher_alone);
    QCOMPARE(failed.size(), 1UL);
    QCOMPARE(failed.front()->id, std::string("c"));
    QVERIFY(answers_of_outcome(paired, Outcome::student_alone).empty());
  }

  void nothingIsNoFile() {
    fs::remove(file());
    QVERIFY_THROWS_EXCEPTION(UserError, write_data_of_answers(file(), {}));
    QVERIFY(!fs::exists(file()));
  }
};

QTEST_APPLESS_MAIN(TestAnswerData)
#include "tst_answer_data.moc"
