// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <filesystem>

#include "core/base/errors.h"
#include "core/io/atomic_file.h"
#include "core/io/mapped_file.h"
#include "core/run/kept_answers.h"

using namespace llavakd;
namespace fs = std::filesystem;

class TestKeptAnswers : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  fs::path file() const { return fs::path(dir_.path().toStdString()) / "answers.jsonl"; }

  static AnswerSet two_answers() {
    AnswerSet set{.model = "/m", .task = "exact_match", .file = "/d/q.json", .images = "/d", .answers = {}};
    set.answers.push_back({.id = "a",
                           .question = "Which?",
                           .type = "color",
                           .images = {"1.png"},
                           .reference = "red",
                           .answer = "red",
                           .right = true});
    set.answers.push_back({.id = "b",
                           .question = "Say \"more\"\nnow",
                           .type = "all",
                           .reference = "x",
                           .answer = std::string("y") + '\xff',
                           .cut = true,
                           .turns = 2,
                           .template_name = "vicuna"});
    return set;
  }

  /// What reading that text says; empty: it is read.
  std::string fault_of(const std::string& content) const {
    write_file_atomically(file(), content);
    try {
      read_answers(file());
    } catch (const UserError& error) {
      return error.what();
    }
    return {};
  }

 private Q_SLOTS:
  void whatIsWrittenIsRead() {
    write_answers(file(), two_answers());
    const std::string content(MappedFile::open(file())->text());
    QCOMPARE(content.substr(0, content.find('\n')),
             std::string(R"({"id":"a","question":"Which?","type":"color","image":"1.png","reference":"red",)"
                         R"("answer":"red","right":true,"model":"/m","task":"exact_match","file":"/d/q.json",)"
                         R"("images":"/d"})"));
    const AnswerSet read = read_answers(file());
    QVERIFY(read.model == "/m" && read.task == "exact_match" && read.file == "/d/q.json" && read.images == "/d");
    QCOMPARE(read.answers.size(), 2UL);
    QVERIFY(read.answers[0].right && read.answers[0].images == std::vector<std::string>{"1.png"});
    const KeptAnswer& last = read.answers[1];
    QVERIFY(!last.right && last.cut && last.turns == 2 && last.template_name == "vicuna" && last.images.empty());
    QCOMPARE(last.question, std::string("Say \"more\"\nnow"));
    QCOMPARE(last.answer, std::string("y\xEF\xBF\xBD"));  // no byte that JSON can't hold
  }

  void severalPicturesAreAList() {
    AnswerSet set = two_answers();
    set.answers[0].images = {"1.png", "2.png"};
    write_answers(file(), set);
    QCOMPARE(read_answers(file()).answers[0].images, (std::vector<std::string>{"1.png", "2.png"}));
  }

  void damagedLinesAreNamed() {
    write_answers(file(), two_answers());
    const std::string whole(MappedFile::open(file())->text());
    const std::string first = whole.substr(0, whole.find('\n') + 1);
    QCOMPARE(fault_of(whole + "\n  \n"), std::string());
    QVERIFY(fault_of(first + first.substr(0, 40)).find("in its line 2") != std::string::npos);
    QVERIFY(fault_of(first + "[1]\n").find("line 2 is no object") != std::string::npos);
    QVERIFY(fault_of(first + "{\"id\": 3}\n").find("line 2 has no \"model\"") != std::string::npos);
    std::string other = first;
    other.replace(other.find("\"right\":true"), 12, "\"right\":1   ");
    QVERIFY(fault_of(other).find("neither true nor false as \"right\"") != std::string::npos);
    other = first;
    other.replace(other.find("\"1.png\""), 7, "[\"1\",2]");
    QVERIFY(fault_of(other).find("as \"image\"") != std::string::npos);
  }

  void oneFileIsOfOneModel() {
    write_answers(file(), two_answers());
    const std::string whole(MappedFile::open(file())->text());
    std::string other = whole;
    other.replace(other.rfind("\"/m\""), 4, "\"/n\"");
    const std::string fault = fault_of(other);
    QVERIFY2(fault.find("line 2 is of another model (/n) than the lines before it (/m)") != std::string::npos,
             fault.c_str());
  }

  void noAnswersAreNoFile() {
    QVERIFY(fault_of("").find("has no answers") != std::string::npos);
    fs::remove(file());
    AnswerSet none = two_answers();
    none.answers.clear();
    QVERIFY_THROWS_EXCEPTION(UserError, write_answers(file(), none));
    QVERIFY(!fs::exists(file()));
    QVERIFY_THROWS_EXCEPTION(UserError, read_answers(file()));
  }
};

QTEST_APPLESS_MAIN(TestKeptAnswers)
#include "tst_kept_answers.moc"
