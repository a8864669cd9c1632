// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <cmath>

#include "core/io/safetensors.h"
#include "tests/app/engine.h"

using namespace llavakd;

/// `llavakd words`: teacher and student word by word.
class TestWordsCommand : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  fs::path folder_, project_;
  QString teacher_ = text(models_folder() / "teacher");

  QString at(const char* name) const { return text(folder_ / name); }
  /// Teacher and student of the project as training begins.
  Outcome of_project(const QStringList& arguments) const {
    return run_engine(QStringList{"words", text(project_)} + arguments);
  }
  QStringList question() const { return {"--image", at("images/rgb.png"), "--question", "What is at the top left?"}; }

 private Q_SLOTS:
  void initTestCase() {
    folder_ = dir_.path().toStdString();
    project_ = write_small_project(folder_);
  }

  void aReferenceTokenByToken() {
    const Outcome outcome = of_project(question() + QStringList{"--reference", "a red car", "--json"});
    QVERIFY2(outcome.code == 0, outcome.err);
    const Json result = outcome.json();
    QVERIFY(result["answer_of"] == "reference" && result["template"] == "no_system");
    QVERIFY2(result["answer"].get<std::string>().find("a red car") != std::string::npos, outcome.out);
    QVERIFY(result["temperature"] == 1 && result["compared_vocabulary"].get<int>() > 100);
    double sum = 0;
    for (const Json& token : result["tokens"]) {
      sum += token["forward_kl"].get<double>();
      QVERIFY(token["jsd"].get<double>() <= std::log(2.0) + 1e-6);
      for (const char* who : {"teacher", "student"}) {
        QVERIFY(token[who]["rank"].get<int>() >= 1 && token[who]["top"].size() == 5);
        const bool is_first = token[who]["top"][0]["id"] == token["id"];
        QCOMPARE(token[who]["rank"].get<int>() == 1, is_first);
      }
    }
    QVERIFY(sum > 0.1);  // the student has learnt nothing yet
    QVERIFY(std::abs(result["segments"]["response"]["forward_kl"].get<double>() - sum) < 1e-4 * sum);
    QCOMPARE(result["segments"]["response"]["rows"].get<size_t>(), result["tokens"].size());
    QCOMPARE(result["segments"]["visual"]["rows"].get<int>(), 35);
    QVERIFY(!result.contains("word"));
    const QByteArray table = of_project(question() + QStringList{"--reference", "a red car"}).out;
    QVERIFY2(table.contains("at temperature 1") && table.contains("█") && table.contains("visual"), table);
  }

  /// Each model is the likelier one to say what it says itself.
  void anAnswerOfEither() {
    const Json of_teacher = of_project(question() + QStringList{"--answer", "teacher", "--json"}).json();
    QCOMPARE(of_teacher["answer_of"].get<std::string>(), std::string("teacher"));
    for (const Json& token : of_teacher["tokens"]) QCOMPARE(token["teacher"]["rank"].get<int>(), 1);
    const Outcome outcome =
        of_project(question() + QStringList{"--answer", "student", "--max-new-tokens", "4", "--json"});
    QVERIFY2(outcome.code == 0, outcome.err);
    for (const Json& token : outcome.json()["tokens"]) QCOMPARE(token["student"]["rank"].get<int>(), 1);
  }

  void aWordsPatches() {
    const QStringList arguments = question() + QStringList{"--reference", "a red car", "--word", "red", "--tile", "3"};
    const Outcome outcome = of_project(arguments + QStringList{"--out", at("word.safetensors"), "--json"});
    QVERIFY2(outcome.code == 0, outcome.err);
    const Json word = outcome.json()["word"];
    QVERIFY2(word["text"].get<std::string>().find("red") != std::string::npos, outcome.out);
    for (const char* who : {"teacher", "student"}) {
      QVERIFY(word[who]["grid"] == Json({6, 6}) && word[who]["tile"] == 3);
      QVERIFY(word[who]["log_probability"].get<double>() < 0);
      std::set<std::string> methods;
      for (const Json& map : word[who]["maps"]) {
        methods.insert(map["method"].get<std::string>());
        QVERIFY(map["values"].size() == 6 && map["values"][5].size() == 6);
        QVERIFY(!map["cannot_show"].get<std::string>().empty());
      }
      QCOMPARE(methods, (std::set<std::string>{"gradient_times_input", "attention_rollout", "occlusion"}));
    }
    const SafetensorsFile file = open_safetensors(folder_ / "word.safetensors");
    QCOMPARE(file.tensors.size(), size_t{6});
    for (const StoredTensor& tensor : file.tensors) QCOMPARE(tensor.shape, (std::vector<int64_t>{6, 6}));
    QCOMPARE(file.metadata.at("teacher.grid"), std::string("6x6"));
    const QByteArray table = of_project(arguments).out;
    QVERIFY2(table.contains("Occlusion") && table.contains("It can't show") && table.contains("greatest, student: row"),
             table);
  }

  /// A model has nothing to learn from itself.
  void dataBySegment() {
    const QStringList arguments = {"--data", at("data.json"), "--images", at("images")};
    const Outcome outcome = of_project(arguments + QStringList{"--limit", "4", "--most", "2", "--json"});
    QVERIFY2(outcome.code == 0, outcome.err);
    const Json result = outcome.json();
    QVERIFY(result["asked"] == 4 && result["samples"] == 4 && result["left_out"].empty() && result["stopped"] == false);
    QVERIFY(result["template"] == "no_system");
    for (const char* kind : {"visual", "prompt", "response"}) {
      const Json& of = result["segments"][kind];
      QVERIFY2(of["forward_kl"]["per_token"]["mean"].get<double>() > 0, kind);
      QVERIFY2(of["jsd"]["sum"]["sd"].get<double>() >= 0 && of["most"].size() == 2, kind);
      QVERIFY(of["most"][0]["per_token"] >= of["most"][1]["per_token"]);
    }
    QCOMPARE(result["segments"]["visual"]["rows"].get<int>(), 4 * 35);
    const QByteArray table = of_project(arguments).out;
    QVERIFY2(table.contains("8 of 8 samples") && table.contains("±") && table.contains("Most disagreement on visual"),
             table);
    const Json same =
        run_engine(QStringList{"words", "--teacher", teacher_, "--student", teacher_, "--limit", "2", "--json"} +
                   arguments)
            .json();
    QVERIFY(std::abs(same["segments"]["response"]["forward_kl"]["sum"]["mean"].get<double>()) < 1e-5);
    const Outcome elsewhere = of_project({"--data", at("data.json")});
    QVERIFY2(elsewhere.code == 2 && elsewhere.err.contains("none of the samples"), elsewhere.err);
  }

  void withoutAPicture() {
    const Outcome outcome = of_project({"--question", "What is red?", "--reference", "a car", "--json"});
    QVERIFY2(outcome.code == 0, outcome.err);
    QCOMPARE(outcome.json()["segments"]["visual"]["rows"].get<int>(), 0);
  }

  /// Exit code 2, nothing on stdout, and a sentence that names what is wrong.
  void refusesWhatIsUnclear_data() {
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("named");
    const QStringList asked = question() + QStringList{"--reference", "a red car"};
    QTest::newRow("nothing asked") << QStringList{} << "--question";
    QTest::newRow("no answer") << question() << "--reference TEXT";
    QTest::newRow("two answers") << asked + QStringList{"--answer", "teacher"} << "--reference TEXT";
    QTest::newRow("an answer of nobody") << question() + QStringList{"--answer", "me"} << "\"me\"";
    QTest::newRow("a wrong word") << asked + QStringList{"--word", "zebra"} << "zebra";
    QTest::newRow("a wrong number") << asked + QStringList{"--word", "99"} << "99";
    QTest::newRow("a wrong template") << asked + QStringList{"--template", "nonsense"} << "nonsense";
    QTest::newRow("a wrong temperature") << asked + QStringList{"--temperature", "0"} << "temperature";
    QTest::newRow("a tile that is too large") << asked + QStringList{"--word", "red", "--tile", "7"} << "1 to 6";
    QTest::newRow("a file without a word") << asked + QStringList{"--out", "maps.safetensors"} << "--word";
    QTest::newRow("no such picture") << QStringList{"--image", "none.png", "--question", "x", "--reference", "y"}
                                     << "none.png";
    QTest::newRow("a word without a picture")
        << QStringList{"--question", "x", "--reference", "y", "--word", "y"} << "--image";
    QTest::newRow("data and a question") << QStringList{"--data", "x.json", "--question", "x"} << "--question";
    QTest::newRow("a limit of nothing") << asked + QStringList{"--limit", "3"} << "--data";
    QTest::newRow("no such data") << QStringList{"--data", "none.json"} << "none.json";
  }
  void refusesWhatIsUnclear() {
    QFETCH(QStringList, arguments);
    QFETCH(QString, named);
    const Outcome outcome = of_project(arguments);
    QVERIFY2(outcome.code == 2 && outcome.out.isEmpty(), outcome.out + outcome.err);
    QVERIFY2(outcome.err.contains(named.toUtf8()), outcome.err);
  }

  void refusesAloneWhatTakesTwo() {
    const QStringList asked = {"--question", "x", "--reference", "y"};
    const Outcome no_teacher = run_engine(QStringList{"words", "--student", teacher_} + asked);
    QVERIFY2(no_teacher.code == 2 && no_teacher.err.contains("no teacher"), no_teacher.err);
    const Outcome no_student = run_engine(QStringList{"words", "--teacher", teacher_} + asked);
    QVERIFY2(no_student.code == 2 && no_student.err.contains("no student"), no_student.err);
    Json project = read_json(project_);
    project["teacher"]["checkpoint"] = "";
    write_json(folder_ / "alone.kdproj", project);
    const Outcome alone = run_engine(QStringList{"words", at("alone.kdproj")} + asked);
    QVERIFY2(alone.code == 2 && alone.err.contains("teacher"), alone.err);
  }
};

QTEST_APPLESS_MAIN(TestWordsCommand)
#include "tst_words_command.moc"
