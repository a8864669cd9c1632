// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>

#include "core/io/safetensors.h"
#include "tests/app/engine.h"

using namespace llavakd;

/// The studio's side of `llavakd serve`: one JSON-RPC message a line.
class TestServe : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  fs::path folder_, project_;

  static QByteArray request(int id, const char* method, const Json& parameters) {
    return QByteArray::fromStdString(
               Json{{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", parameters}}.dump()) +
           "\n";
  }

  static Json question(const char* who, const char* text) {
    return {{"model", who}, {"image", "images/rgb.png"}, {"question", text}, {"max_new_tokens", 4}};
  }

  Outcome converse(const QByteArray& input) const { return run_engine({"serve", text(project_)}, input); }

 private Q_SLOTS:
  void initTestCase() {
    folder_ = dir_.path().toStdString();
    project_ = write_small_project(folder_);
  }

  void answersInOrderUntilItsInputEnds() {
    const Outcome outcome = converse(
        request(1, "answer", question("teacher", "How many things are there?")) + "\n" +
        request(2, "answer", question("student", "How many things are there?")) +
        request(3, "relations",
                {{"image", "images/rgb.png"}, {"question", "What is at the top left?"}, {"out", "r.safetensors"}}));
    QVERIFY2(outcome.code == 0, outcome.err);
    const auto lines = outcome.lines();
    QCOMPARE(lines.size(), size_t{3});
    for (int i = 0; i < 2; ++i) {
      const Json reply = Json::parse(lines[size_t(i)].toStdString());
      QCOMPARE(reply["jsonrpc"].get<std::string>(), std::string("2.0"));
      QCOMPARE(reply["id"].get<int>(), i + 1);
      QVERIFY(reply["result"]["text"].is_string() && reply["result"]["ids"].size() <= 4);
      QVERIFY(reply["result"]["seconds"].get<double>() > 0);
      QVERIFY(reply["result"]["tokens_per_second"].is_null());  // four tokens have no speed
      const Json& first = reply["result"]["first_token_seconds"];
      QCOMPARE(first.is_null(), reply["result"]["ids"].empty());
      if (first.is_number()) QVERIFY(first.get<double>() <= reply["result"]["seconds"].get<double>());
      QCOMPARE(reply["result"]["cut"].get<bool>(), reply["result"]["ids"].size() == 4);
    }
    const Json relations = Json::parse(lines[2].toStdString())["result"];
    QCOMPARE(relations["file"].get<std::string>(), (folder_ / "r.safetensors").string());
    QVERIFY(relations["terms"]["rdist"].get<double>() > 0 && relations["terms"]["mdist_visual"].get<double>() > 0);
    QVERIFY(!open_safetensors(folder_ / "r.safetensors").tensors.empty());
  }

  void theAnswerIsThatOfTheCommand() {
    Json asked = question("teacher", "What color is the background?");
    const Json reply = Json::parse(converse(request(7, "answer", asked)).lines().at(0).toStdString());
    const Outcome command = run_engine({"answer", text(models_folder() / "teacher"), "--image",
                                        text(folder_ / "images/rgb.png"), "--question", "What color is the background?",
                                        "--template", "no_system", "--max-new-tokens", "4", "--json"});
    QCOMPARE(reply["result"]["ids"].dump(), command.json()["ids"].dump());
    QCOMPARE(reply["result"]["text"].get<std::string>(), command.json()["text"].get<std::string>());
  }

  void mistakesAreRepliesAndTheNextRequestIsAnswered_data() {
    QTest::addColumn<QByteArray>("line");
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("named");
    QTest::newRow("no JSON") << QByteArray("{broken\n") << -32700 << "JSON";
    QTest::newRow("no object") << QByteArray("[1, 2]\n") << -32600 << "method";
    QTest::newRow("no method") << QByteArray("{\"id\": 4}\n") << -32600 << "method";
    QTest::newRow("params no object") << QByteArray("{\"id\": 4, \"method\": \"answer\", \"params\": [1]}\n") << -32600
                                      << "params";
    QTest::newRow("deep id") << "{\"id\": " + QByteArray(200'000, '[') + QByteArray(200'000, ']') +
                                    ", \"method\": \"x\"}\n"
                             << -32601 << "\"x\"";
    QTest::newRow("too long") << "{\"id\": \"" + QByteArray(2 << 20, 'x') + "\"}\n" << -32700 << "JSON";
    QTest::newRow("unknown method") << request(4, "solve", Json::object()) << -32601 << "solve";
    QTest::newRow("no question") << request(4, "answer", {{"model", "teacher"}}) << -32000 << "question";
    QTest::newRow("unknown model") << request(4, "answer", {{"model", "both"}, {"question", "?"}}) << -32000 << "model";
    QTest::newRow("no number") << request(4, "answer",
                                          {{"model", "teacher"}, {"question", "?"}, {"max_new_tokens", "5"}})
                               << -32000 << "max_new_tokens";
    QTest::newRow("no picture") << request(4, "answer",
                                           {{"model", "teacher"}, {"question", "?"}, {"image", "none.png"}})
                                << -32000 << "none.png";
    QTest::newRow("no checkpoint") << request(4, "answer",
                                              {{"model", "student"}, {"question", "?"}, {"checkpoint", "none"}})
                                   << -32000 << "none";
    QTest::newRow("long question") << request(4, "answer",
                                              {{"model", "teacher"}, {"question", std::string(900'000, 'a')}})
                                   << -32000 << "positions";
    QTest::newRow("nowhere") << request(4, "relations",
                                        {{"image", "images/rgb.png"}, {"question", "?"}, {"out", "none/r.safetensors"}})
                             << -32000 << "none";
  }
  void mistakesAreRepliesAndTheNextRequestIsAnswered() {
    QFETCH(const QByteArray, line);
    QFETCH(const int, code);
    QFETCH(const QString, named);
    const Outcome outcome = converse(line + request(5, "answer", question("teacher", "How many things are there?")));
    QVERIFY2(outcome.code == 0, outcome.err);
    QCOMPARE(outcome.lines().size(), size_t{2});
    const Json first = Json::parse(outcome.lines()[0].toStdString()),
               second = Json::parse(outcome.lines()[1].toStdString());
    QVERIFY2(first["error"]["code"].get<int>() == code, outcome.lines()[0].left(300));
    QVERIFY2(QString::fromStdString(first["error"]["message"].get<std::string>()).contains(named),
             outcome.lines()[0].left(300));
    QCOMPARE(second["id"].get<int>(), 5);
    QVERIFY(second.contains("result"));
  }

  void shutdownEndsIt() {
    QProcess process;
    process.start(engine_path(), {"serve", text(project_)});
    process.write(request(1, "answer", question("teacher", "How many things are there?")));
    QVERIFY(process.waitForReadyRead(30'000));
    process.write("{\"jsonrpc\": \"2.0\", \"id\": 2, \"method\": \"shutdown\"}\n");  // and the input stays open
    QVERIFY(process.waitForFinished(10'000));
    QCOMPARE(process.exitCode(), 0);
  }

  void cancelCountsBeforeItsRequestBegins() {
    Json asked = question("student", "How many things are there?");
    asked["max_new_tokens"] = 4096;
    const QByteArray cancel = "{\"jsonrpc\": \"2.0\", \"method\": \"cancel\"}\n";
    // The first cancel has nothing to end.
    const Outcome outcome = converse(cancel + request(1, "answer", asked) + cancel);
    QVERIFY2(outcome.code == 0, outcome.err);
    QVERIFY(Json::parse(outcome.lines().at(0).toStdString())["result"]["ids"].size() <= 1);
  }

  void cancelEndsAnAnswerAndNothingElse() {
    QProcess process;
    process.start(engine_path(), {"serve", text(project_)});
    const auto reply = [&] {
      for (int i = 0; i < 300 && !process.canReadLine(); ++i) process.waitForReadyRead(100);
      return Json::parse(process.readLine().toStdString(), nullptr, false);
    };
    Json asked = question("student", "How many things are there?");
    process.write(request(1, "answer", asked));
    const Json first = reply();
    asked["max_new_tokens"] = 4096;
    process.write(request(2, "answer", asked));
    process.waitForBytesWritten(1000);
    process.write("{\"jsonrpc\": \"2.0\", \"method\": \"cancel\"}\n");
    const Json second = reply();
    QCOMPARE(second["id"].get<int>(), 2);
    QVERIFY(second["result"]["ids"].size() < 4096);
    process.write(request(3, "answer", question("student", "How many things are there?")));
    QCOMPARE(reply()["result"]["ids"].dump(), first["result"]["ids"].dump());
    process.closeWriteChannel();
    QVERIFY(process.waitForFinished(10'000));
  }
};

QTEST_GUILESS_MAIN(TestServe)
#include "tst_serve.moc"
