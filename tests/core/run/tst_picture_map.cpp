// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <filesystem>

#include "core/base/errors.h"
#include "core/io/atomic_file.h"
#include "core/io/json_file.h"
#include "core/io/mapped_file.h"
#include "core/run/picture_map.h"

using namespace llavakd;
namespace fs = std::filesystem;

class TestPictureMap : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  fs::path file(const char* name) const { return fs::path(dir_.path().toStdString()) / name; }

  /// Questions about two pictures: of the first one each kind but the last, of the second both wrong.
  static PairedAnswers paired() {
    AnswerSet teacher{.model = "/t", .task = "exact_match", .file = "/q.json", .images = "/i", .answers = {}};
    AnswerSet student = teacher;
    const bool right[][2] = {{true, true}, {true, false}, {false, true}, {false, false}};
    for (int i = 0; i < 4; ++i) {
      KeptAnswer kept{.id = std::to_string(i), .question = "?", .type = "all", .images = {i < 3 ? "a,b.png" : "c.png"}};
      kept.right = right[i][0];
      teacher.answers.push_back(kept);
      kept.right = right[i][1];
      student.answers.push_back(kept);
    }
    return pair_answers(teacher, student);
  }
  static PictureMap map() {
    PictureMap map{.model = "/s", .explained = {0.5, 0.25}, .pictures = {}};
    map.pictures.push_back({.image = "a,b.png", .x = 1.5, .y = -2, .outcomes = {}});
    map.pictures.push_back({.image = "c.png", .x = 0.1, .y = 0, .outcomes = {}});
    count_outcomes(map, paired());
    return map;
  }

 private Q_SLOTS:
  void picturesComeOnce() { QCOMPARE(pictures_of(paired()), (std::vector<std::string>{"a,b.png", "c.png"})); }

  void outcomesAreThoseOfItsQuestions() {
    QCOMPARE(map().pictures[0].outcomes.counts, (std::array<int64_t, 4>{1, 1, 1, 0}));
    QCOMPARE(map().pictures[1].outcomes.counts, (std::array<int64_t, 4>{0, 0, 0, 1}));
  }

  void jsonIsReadBack() {
    write_picture_map(file("map.json"), map());
    const PictureMap read = read_picture_map(file("map.json"));
    QVERIFY(read.model == "/s" && read.explained == map().explained && read.pictures.size() == 2);
    QVERIFY(read.pictures[0].image == "a,b.png" && read.pictures[0].x == 1.5 && read.pictures[1].x == 0.1);
    QCOMPARE(read.pictures[0].outcomes.counts, map().pictures[0].outcomes.counts);
  }

  void tablesAreCsv() {
    write_picture_map(file("map.csv"), map());
    QCOMPARE(std::string(MappedFile::open(file("map.csv"))->text()),
             std::string("image,x,y,both_right,teacher_right_student_wrong,student_right_teacher_wrong,both_wrong\n"
                         "\"a,b.png\",1.5,-2,1,1,1,0\nc.png,0.1,0,0,0,0,1\n"));
  }

  void otherJsonIsRefused() {
    write_json(file("other.json"), {{"model", "/s"}, {"explained", {0.5}}});
    QVERIFY_THROWS_EXCEPTION(UserError, read_picture_map(file("other.json")));
    write_json(file("other.json"), nlohmann::ordered_json::array({1}));
    QVERIFY_THROWS_EXCEPTION(UserError, read_picture_map(file("other.json")));
  }
};

QTEST_APPLESS_MAIN(TestPictureMap)
#include "tst_picture_map.moc"
