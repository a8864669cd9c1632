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

  Outcome converse(const QByteArray& input, const QStringList& options = {}) const {
    return run_engine(QStringList{"serve", text(project_)} + options, input);
  }
  /// Replies and notifications, in order.
  std::vector<Json> messages(const QByteArray& input, const QStringList& options = {}) const {
    const Outcome outcome = converse(input, options);
    if (outcome.code != 0) qWarning("%s", outcome.err.constData());
    std::vector<Json> parsed;
    for (const QByteArray& line : outcome.lines()) parsed.push_back(Json::parse(line.toStdString(), nullptr, false));
    return parsed;
  }
  static Json read_reply(QProcess& process) {
    for (int i = 0; i < 300 && !process.canReadLine(); ++i) process.waitForReadyRead(100);
    return Json::parse(process.readLine().toStdString(), nullptr, false);
  }
  /// How many models are held, by the reply to "models".
  static size_t held(const Json& reply) { return reply["result"]["models"].size(); }

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

  /// The same JSON as `inspect --source --json`; another layer of the same picture needs no pass.
  void relationsFromAnySource() {
    const auto asked = [](const char* source, const char* out) {
      return Json{{"image", "images/rgb.png"},
                  {"question", "What is at the top left?"},
                  {"source", source},
                  {"pairs", 4},
                  {"radius", 1},
                  {"out", out}};
    };
    Json attention = asked("attention", "a.safetensors");
    attention["layer"] = 1;
    attention["head"] = 0;
    const Outcome outcome =
        converse(request(1, "relations", asked("logits", "l.safetensors")) +
                 request(2, "relations", asked("hidden:1", "h.safetensors")) + request(3, "relations", attention));
    QVERIFY2(outcome.code == 0, outcome.err);
    const auto lines = outcome.lines();
    QCOMPARE(lines.size(), size_t{3});
    const char* sources[] = {"logits", "hidden:1", "attention:1:0"};
    for (int i = 0; i < 3; ++i) {
      Json result = Json::parse(lines[size_t(i)].toStdString())["result"];
      QVERIFY2(result.is_object(), lines[size_t(i)].left(300));
      QCOMPARE(result["reused"].get<bool>(), i > 0);
      QVERIFY(!open_safetensors(result["file"].get<std::string>()).tensors.empty());
      for (const char* own : {"file", "reused"}) result.erase(own);
      Json command = run_engine({"inspect", text(project_), "--image", text(folder_ / "images/rgb.png"), "--question",
                                 "What is at the top left?", "--source", sources[i], "--pairs", "4", "--json"})
                         .json();
      command.erase("template_known_by");
      QCOMPARE(result.dump(), command.dump());
    }
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
    QTest::newRow("huge number") << request(4, "answer",
                                            {{"model", "teacher"}, {"question", "?"}, {"max_new_tokens", UINT64_MAX}})
                                 << -32000 << "max_new_tokens";
    QTest::newRow("too warm") << request(4, "answer", {{"model", "teacher"}, {"question", "?"}, {"temperature", -1}})
                              << -32000 << "temperature";
    QTest::newRow("no nucleus") << request(4, "answer", {{"model", "teacher"}, {"question", "?"}, {"top_p", 0}})
                                << -32000 << "top-p";
    QTest::newRow("no seed") << request(4, "answer", {{"model", "teacher"}, {"question", "?"}, {"seed", -1}}) << -32000
                             << "seed";
    QTest::newRow("no flag") << request(4, "answer", {{"model", "teacher"}, {"question", "?"}, {"stream", 1}}) << -32000
                             << "stream";
    QTest::newRow("no turns") << request(4, "answer", {{"model", "teacher"}, {"question", "?"}, {"earlier", "x"}})
                              << -32000 << "earlier";
    QTest::newRow("odd turn") << request(4, "answer", {{"model", "teacher"}, {"question", "?"}, {"earlier", {"x"}}})
                              << -32000 << "earlier";
    QTest::newRow("many turns") << request(4, "answer",
                                           {{"model", "teacher"},
                                            {"question", "?"},
                                            {"earlier", Json(65, Json{{"question", "?"}, {"answer", ""}})}})
                                << -32000 << "earlier";
    QTest::newRow("only more") << request(
                                      4, "answer",
                                      {{"model", "teacher"}, {"question", "?"}, {"more_images", {"images/rgb.png"}}})
                               << -32000 << "more_images";
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
    const auto relations = [](const char* key, const Json& value) {
      Json asked = {
          {"image", "images/rgb.png"}, {"question", "?"}, {"out", "r.safetensors"}, {"source", "attention:1"}};
      asked[key] = value;
      return request(4, "relations", asked);
    };
    QTest::newRow("no source") << relations("source", "heads") << -32000 << "heads";
    QTest::newRow("source no text") << relations("source", 1) << -32000 << "source";
    QTest::newRow("no layer") << relations("source", "hidden:99") << -32000 << "99";
    QTest::newRow("layer no number") << relations("layer", "1") << -32000 << "layer";
    QTest::newRow("two layers") << relations("layer", 1) << -32000 << "already";
    QTest::newRow("no head") << relations("head", 77) << -32000 << "77";
    QTest::newRow("layer without source")
        << request(4, "relations",
                   {{"image", "images/rgb.png"}, {"question", "?"}, {"out", "r.safetensors"}, {"layer", 1}})
        << -32000 << "source";
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

  /// The pieces come before the reply and make its text.
  void streamsAnAnswer() {
    Json asked = question("teacher", "What color is the background?");
    const Json whole = messages(request(1, "answer", asked)).at(0)["result"];
    QVERIFY2(!whole["text"].get<std::string>().empty(), whole.dump().c_str());
    asked["stream"] = true;
    const auto said = messages(request(1, "answer", asked));
    QVERIFY(said.size() >= 2);
    std::string text;
    for (size_t i = 0; i + 1 < said.size(); ++i) {
      QCOMPARE(said[i]["method"].get<std::string>(), std::string("token"));
      QVERIFY(!said[i].contains("id") && said[i]["params"]["id"] == 1);
      QVERIFY(said[i]["params"]["tokens"].get<size_t>() <= whole["ids"].size());
      text += said[i]["params"]["piece"].get<std::string>();
    }
    QCOMPARE(text, whole["text"].get<std::string>());
    QCOMPARE(said.back()["result"]["ids"].dump(), whole["ids"].dump());
  }

  void samplesBySeed() {
    const auto asked = [](int id, int seed) {
      Json parameters = question("teacher", "What color is the background?");
      parameters.update({{"temperature", 20}, {"seed", seed}, {"max_new_tokens", 24}});
      return request(id, "answer", parameters);
    };
    const auto said = messages(asked(1, 5) + asked(2, 5) + asked(3, 6));
    QCOMPARE(said.at(0)["result"]["ids"].dump(), said.at(1)["result"]["ids"].dump());
    QVERIFY(said.at(0)["result"]["ids"] != said.at(2)["result"]["ids"]);
  }

  /// A later turn, and a second picture, are read: the prompt is another one.
  void goesOnInAConversation() {
    Json asked = question("teacher", "And on the right?");
    asked["earlier"] = Json::array({{{"question", "What is at the top left?"}, {"answer", "a cat"}}});
    asked["more_images"] = {"images/palette.png"};
    const auto said = messages(request(1, "answer", asked));
    QVERIFY2(said.at(0).contains("result"), said.at(0).dump().c_str());
    QCOMPARE(said.at(0)["result"]["ended"].get<std::string>(),
             std::string(said.at(0)["result"]["cut"].get<bool>() ? "limit" : "end"));
  }

  /// Each model is held once; where the budget is too small, whoever was asked longest ago goes.
  void holdsModelsWithinItsBudget() {
    const std::string question_text = "How many things are there?";
    Json copy = question("student", question_text.c_str());
    copy["checkpoint"] = (models_folder() / "teacher").string();
    const QByteArray asked = request(1, "answer", question("teacher", question_text.c_str())) +
                             request(2, "answer", question("student", question_text.c_str())) +
                             request(3, "answer", question("student", question_text.c_str())) +
                             request(4, "models", Json::object());
    const auto roomy = messages(asked);
    QCOMPARE(held(roomy.at(3)), size_t{2});
    const Json& models = roomy.at(3)["result"]["models"];
    QCOMPARE(models[0]["name"].get<std::string>(), std::string("student"));
    const int64_t student = models[0]["bytes"].get<int64_t>(), teacher = models[1]["bytes"].get<int64_t>();
    QCOMPARE(roomy.at(3)["result"]["held_bytes"].get<int64_t>(), student + teacher);
    const auto gib = [](int64_t bytes) {
      return QString::number(double(bytes) / (1 << 30), 'g', 17);
    };
    // Not even one fits: the one that is asked is held all the same, alone.
    QCOMPARE(held(messages(asked, {"--memory", "0.001"}).at(3)), size_t{1});
    const auto tight = messages(asked + request(5, "answer", copy) + request(6, "models", Json::object()),
                                {"--memory", gib(student + teacher + 1024)});
    QCOMPARE(held(tight.at(3)), size_t{2});
    QCOMPARE(held(tight.at(5)), size_t{2});
    QCOMPARE(tight.at(5)["result"]["models"][1]["name"].get<std::string>(), std::string("student"));
    QCOMPARE(tight.at(4)["result"]["ids"].dump(), tight.at(0)["result"]["ids"].dump());  // it is the same model
  }

  /// After a resume a checkpoint of the same name may be another student.
  void opensAModelAgainThatWasReplaced() {
    const fs::path folder = folder_ / "replaced/model";
    fs::create_directories(folder.parent_path());
    fs::copy(models_folder() / "teacher", folder, fs::copy_options::recursive);
    Json asked = question("student", "How many things are there?");
    asked["checkpoint"] = "replaced/model";
    QProcess process;
    process.start(engine_path(), {"serve", text(project_)});
    process.write(request(1, "answer", asked));
    QVERIFY(read_reply(process).contains("result"));
    fs::rename(folder, folder_ / "replaced/old");
    fs::create_directories(folder);
    process.write(request(2, "answer", asked));
    QVERIFY(read_reply(process).contains("error"));
    process.closeWriteChannel();
    QVERIFY(process.waitForFinished(10'000));
  }

  /// A cancel with an id is for that request alone, wherever it waits.
  void cancelsByItsId() {
    Json asked = question("student", "How many things are there?");
    const QByteArray cancel = "{\"jsonrpc\": \"2.0\", \"method\": \"cancel\", \"params\": {\"id\": 2}}\n";
    const auto said =
        messages(request(1, "answer", asked) + request(2, "answer", asked) + cancel + request(3, "answer", asked));
    QCOMPARE(said.size(), size_t{3});
    // The input is read at once, long before the first answer is there.
    QCOMPARE(said[1]["result"]["ended"].get<std::string>(), std::string("stopped"));
    QVERIFY(said[1]["result"]["ids"].empty());
    QCOMPARE(said[0]["result"]["ids"].dump(), said[2]["result"]["ids"].dump());
    QVERIFY(said[0]["result"]["ended"] != "stopped" && said[2]["result"]["ended"] != "stopped");
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
      return read_reply(process);
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
