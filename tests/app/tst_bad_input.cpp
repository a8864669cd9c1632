// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <fstream>

#include "tests/app/engine.h"

using namespace llavakd;

/// Whatever is wrong: exit code 2, one sentence on stderr that names the thing, nothing else on stdout, nothing left
/// behind.
class TestBadInput : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  fs::path folder_, project_;

  QString at(const char* name) const { return text(folder_ / name); }

  std::vector<std::string> everything() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(folder_)) names.push_back(entry.path().string());
    std::ranges::sort(names);
    return names;
  }

  void broken_copy(const char* name, const std::function<void(Json&)>& change) const {
    Json json = read_json(project_);
    change(json);
    write_json(folder_ / name, json);
  }

  /// A teacher whose tokenizer gives other ids.
  void swap_ids() const {
    fs::copy(models_folder() / "teacher", folder_ / "swapped", fs::copy_options::recursive);
    Json tokenizer = read_json(folder_ / "swapped/tokenizer.json");
    Json& vocabulary = tokenizer["model"]["vocab"];
    std::swap(vocabulary["a"], vocabulary["b"]);
    write_json(folder_ / "swapped/tokenizer.json", tokenizer);
  }

 private Q_SLOTS:
  void initTestCase() {
    folder_ = dir_.path().toStdString();
    project_ = write_small_project(folder_);
    std::ofstream(folder_ / "half.kdproj") << R"({"format": "llavakd-project", "version": 1, "name":)";
    std::ofstream(folder_ / "text.png") << "This is no picture.";
    std::ofstream(folder_ / "object.json") << "{}";
    std::ofstream(folder_ / "a_file") << "in the way";
    broken_copy("unknown_key.kdproj", [](Json& json) { json["teecher"] = 1; });
    broken_copy("newer.kdproj", [](Json& json) { json["version"] = 99; });
    broken_copy("bad_value.kdproj", [](Json& json) { json["stages"][0]["learning_rate"] = "fast"; });
    fs::create_directories(folder_ / "blocked");
    fs::copy_file(project_, folder_ / "blocked/blocked.kdproj");
    broken_copy("blocked/blocked.kdproj", [&](Json& json) {
      for (auto& stage : json["stages"]) stage["data"] = "../data.json", stage["images"] = "../images";
      json["probes"] = Json::array();
      json["evaluations"] = Json::array();
    });
    std::ofstream(folder_ / "blocked/runs") << "a file, not a folder";
    swap_ids();
  }

  void isRefused_data() {
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("named");
    const QString project = text(project_), model = text(models_folder() / "teacher"), picture = at("images/rgb.png");
    const auto row = [](const char* what, const QStringList& arguments, const QString& named) {
      QTest::newRow(what) << arguments << named;
    };
    row("no command", {}, "subcommand");
    row("unknown command", {"tarin", project}, "\"tarin\"");
    row("unknown option", {"train", project, "--bogus"}, "--bogus");
    row("missing argument", {"train"}, "project");
    row("number expected", {"answer", model, "--question", "?", "--max-new-tokens", "many"}, "max-new-tokens");
    row("missing project", {"train", at("none.kdproj")}, "none.kdproj");
    row("half a project", {"train", at("half.kdproj")}, "half.kdproj");
    row("unknown key", {"train", at("unknown_key.kdproj")}, "teecher");
    row("newer version", {"check", at("newer.kdproj")}, "99");
    row("wrong type", {"train", at("bad_value.kdproj")}, "learning_rate");
    row("unknown setting", {"train", project, "--set", "run.sede=1"}, "run.sede");
    row("wrong setting", {"train", project, "--set", "run.seed=x"}, "run.seed");
    row("unknown stage", {"train", project, "--stage", "XYZ"}, "XYZ");
    row("unknown run", {"train", project, "--resume", "never"}, "small.kdproj");
    row("run id outside", {"train", project, "--run", "../../out"}, "../../out");
    row("missing teacher", {"train", project, "--set", "teacher.checkpoint=no-teacher"}, "no-teacher");
    row("missing student", {"train", project, "--set", "student.language_model=no-student"}, "no-student");
    row("missing data", {"train", project, "--set", "stages.SFT.data=no-data.json"}, "no-data.json");
    row("missing probe", {"train", project, "--set", "probes.0.image=no-probe.png"}, "no-probe.png");
    row("missing questions", {"train", project, "--set", "evaluations.0.file=no-questions.json"}, "no-questions.json");
    row("vocabularies of a run", {"train", project, "--set", "teacher.checkpoint=swapped"}, "Tokenizer");
    row("runs can't be made", {"train", at("blocked/blocked.kdproj")}, "blocked/runs");
    row("vocabularies of losses",
        {"losses", "--teacher", at("swapped"), "--student", model, "--sample", at("data.json"), "--images",
         at("images")},
        "swapped");
    row("losses without model", {"losses", "--teacher", model, "--student", at("none"), "--sample", at("data.json")},
        "none");
    row("losses without data", {"losses", "--teacher", model, "--student", model, "--sample", at("none.json")},
        "none.json");
    row("losses of an object", {"losses", "--teacher", model, "--student", model, "--sample", at("object.json")},
        "object.json");
    row("unknown weights",
        {"losses", "--teacher", model, "--student", model, "--sample", at("data.json"), "--weights", "mine"}, "mine");
    row("answer without model", {"answer", at("none"), "--question", "?"}, "none");
    row("answer of a file", {"answer", at("a_file"), "--question", "?"}, "a_file");
    row("not a picture", {"answer", model, "--image", at("text.png"), "--question", "?"}, "text.png");
    row("no such picture", {"answer", model, "--image", at("none.png"), "--question", "?"}, "none.png");
    row("unknown template", {"answer", model, "--question", "?", "--template", "mine"}, "mine");
    row("eval without file", {"eval", model, "--file", at("none.json")}, "none.json");
    row("eval unknown task", {"eval", model, "--file", at("data.json"), "--task", "mine"}, "mine");
    row("eval untrained", {"eval", project}, "small.kdproj");
    row("show nothing", {"show", at("none")}, "none");
    row("tokens without tokenizer", {"tokens", "--tokenizer", at("images"), "--text", "a"}, "images");
    row("tokens without text", {"tokens", "--tokenizer", model}, "--text");
    row("new unknown", {"new", "emoji-slow", at("new")}, "emoji-slow");
    row("new below a file", {"new", "emoji-quick", at("a_file/new")}, "a_file");
    row("data missing", {"data", "check", at("none.json")}, "none.json");
    row("serve missing", {"serve", at("none.kdproj")}, "none.kdproj");
    row("ablate seeds", {"ablate", project, "--arms", "DPT", "--seeds", "one"}, "one");
    row("ablate without teacher", {"ablate", project, "--arms", "DPT", "--set", "teacher.checkpoint=no-teacher"},
        "no-teacher");
    row("inspect nothing", {"inspect", "--image", picture, "--question", "?", "--out", at("x.safetensors")},
        "--student");
    row("inspect for nothing", {"inspect", "--student", model, "--image", picture, "--question", "?"}, "--out");
    row("inspect no source",
        {"inspect", "--student", model, "--image", picture, "--question", "?", "--source", "heart"}, "heart");
    row("inspect layer alone",
        {"inspect", "--student", model, "--image", picture, "--question", "?", "--out", at("x.safetensors"), "--layer",
         "1"},
        "--source");
    row("inspect no picture",
        {"inspect", "--student", model, "--image", at("text.png"), "--question", "?", "--out", at("x.safetensors")},
        "text.png");
    row("inspect to nowhere",
        {"inspect", "--student", model, "--image", picture, "--question", "?", "--out", at("none/x.safetensors")},
        "none");
    row("bench without samples",
        {"bench", "step", "--teacher", model, "--student", model, "--batch", at("none.safetensors")},
        "none.safetensors");
    row("bench of text", {"bench", "step", "--teacher", model, "--student", model, "--batch", at("a_file")}, "a_file");
    row("bench unknown stage",
        {"bench", "step", "--teacher", model, "--student", model, "--batch", at("a_file"), "--stage", "PT"}, "\"PT\"");
    row("bench of nothing", {"bench"}, "subcommand");
    row("pixels no picture", {"pixels", "--image", at("text.png"), "--processor", model, "--out", at("x.safetensors")},
        "text.png");
    row("pixels to nowhere", {"pixels", "--image", picture, "--processor", model, "--out", at("a_file/x.safetensors")},
        "a_file");
    row("pixels to a folder", {"pixels", "--image", picture, "--processor", model, "--out", at("images")}, "images");
    row("pixels processor", {"pixels", "--image", picture, "--processor", "mine", "--out", at("x.safetensors")},
        "mine");
  }

  void isRefused() {
    QFETCH(QStringList, arguments);
    QFETCH(const QString, named);
    const std::set<QString> with_json = {"train", "ablate", "check",  "losses", "answer",
                                         "eval",  "show",   "tokens", "new",    "data"};
    if (!arguments.isEmpty() && with_json.count(arguments.front()) == 1) arguments << "--json";
    const auto before = everything();
    const Outcome outcome = run_engine(arguments, {}, 20'000);
    QVERIFY2(outcome.code == 2, (QByteArray::number(outcome.code) + ": " + outcome.err).constData());
    QVERIFY2(outcome.out.isEmpty(), outcome.out);
    QVERIFY2(outcome.err.count('\n') == 1 && outcome.err.startsWith("llavakd: ") && outcome.err.size() < 600,
             outcome.err);
    QVERIFY2(outcome.err.contains(named.toUtf8()), outcome.err);
    QVERIFY2(outcome.err.trimmed().endsWith('.') || outcome.err.trimmed().endsWith(')'), outcome.err);
    QVERIFY(everything() == before);
  }

  void redFindingsAreExitCode2() {
    Json json = read_json(project_);
    json["teacher"]["checkpoint"] = "no-teacher";
    json["probes"][0]["image"] = "no-probe.png";
    write_json(folder_ / "red.kdproj", json);
    const Outcome outcome = run_engine({"check", at("red.kdproj"), "--json"});
    QCOMPARE(outcome.code, 2);
    const Json result = outcome.json();
    QCOMPARE(result["level"].get<std::string>(), std::string("red"));
    int red = 0;
    for (const auto& item : result["items"])
      if (item["level"] == "red") {
        ++red;
        QVERIFY(!item["remedy"].get<std::string>().empty());
      }
    QVERIFY(red >= 2);
  }

  void faultsOfDataAreListedByLine() {
    std::ofstream(folder_ / "faulty.json")
        << "[\n{\"id\": \"a\", \"image\": \"none.png\", \"conversations\": [{\"from\": \"human\", \"value\": "
           "\"<image>\"}, "
           "{\"from\": \"gpt\", \"value\": \"x\"}]},\n{\"id\": \"b\", \"conversations\": []}\n]";
    const Outcome outcome = run_engine({"data", "check", at("faulty.json"), "--images", at("images"), "--json"});
    QCOMPARE(outcome.code, 2);
    const Json faults = outcome.json()["faults"];
    QCOMPARE(faults.size(), size_t{2});
    QCOMPARE(faults[0]["line"].get<int>(), 2);
    QCOMPARE(faults[0]["id"].get<std::string>(), std::string("a"));
    QCOMPARE(faults[1]["line"].get<int>(), 3);
  }
};

QTEST_GUILESS_MAIN(TestBadInput)
#include "tst_bad_input.moc"
