// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <sys/resource.h>

#include <fstream>

#include "tests/app/engine.h"
#include "tests/golden/bad_item.h"

using namespace llavakd;

namespace {

constexpr qint64 most_milliseconds = 20'000;
constexpr int64_t most_memory = int64_t{2} << 30;

/// The largest resident size that any program started so far has had, in bytes.
int64_t peak_memory_of_children() {
  rusage usage{};
  getrusage(RUSAGE_CHILDREN, &usage);
  return int64_t{usage.ru_maxrss} * 1024;
}

std::set<fs::path> everything_in(const fs::path& folder) {
  std::set<fs::path> paths;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) paths.insert(entry.path());
  return paths;
}

std::string file_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// What became of the input, in INDEX.json's words.
QString become(const Outcome& outcome) {
  if (outcome.code == 2) return QStringLiteral("refuse");
  if (outcome.code != 0) return QStringLiteral("exit code %1").arg(outcome.code);
  const Json result = outcome.json();
  for (const Json& sample : result.value("samples", Json::array()))
    if (!sample["skipped"].is_null()) return QStringLiteral("skip");
  return QStringLiteral("accept");
}

bool meets(const QString& expect, const QString& became, const QByteArray& warning) {
  if (expect.contains(became)) return true;
  if (became != QLatin1String("accept")) return false;
  return expect.contains(QLatin1String("drop_first_turn")) ||
         (expect.contains(QLatin1String("warn")) && !warning.isEmpty());
}

}  // namespace

/// Every item of bad/ through the program itself, as somebody would meet it: the expected outcome, exit code 2 with a
/// sentence that names the file for a refusal, within 20 seconds and 2 GiB, nothing written, nothing executed.
class GoldenHostileInput : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void init() {
    m_folder = std::make_unique<QTemporaryDir>();
    m_back = fs::current_path();
    fs::create_directories(folder() / "here");
    fs::current_path(folder() / "here");
  }
  void cleanup() {
    fs::current_path(m_back);
    m_folder.reset();
  }

  void losses_data() { rows({"checkpoint", "pair", "dataset", "image"}); }
  void losses() {
    QFETCH(const QString, file);
    const Json& item = golden::bad_item(file.toStdString());
    const fs::path base = golden::root / item["overlay"]["base"].get<std::string>(), broken = folder() / "broken";
    golden::materialize(item, broken);
    const bool whole_case = fs::exists(base / "sample.json");
    const fs::path at = whole_case ? broken : base.parent_path();
    const Outcome outcome =
        run({"losses", "--teacher", text(at / "teacher"), "--student", text(whole_case ? at / "student" : broken),
             "--sample", text(at / "sample.json"), "--images", text(at / "images"), "--json"});
    if (QTest::currentTestFailed()) return;
    const QString became = become(outcome), expect = QString::fromStdString(item["expect"].get<std::string>());
    QByteArray warning = outcome.err;
    // What is odd about a model that can be used all the same is among the faults that `show` lists.
    if (became == QLatin1String("accept") && !whole_case)
      if (const Outcome shown = run({"show", text(broken)}); shown.code == 2) warning += shown.out;
    QVERIFY2(meets(expect, became, warning), qPrintable(became + ": " + QString::fromUtf8(warning)));
    if (became == QLatin1String("refuse")) isOneSentenceAbout(outcome.err, QString::fromStdString(broken.filename()));
  }

  void gguf_data() { rows({"gguf"}); }
  void gguf() {
    QFETCH(const QString, file);
    const QString path = text(golden::root / file.toStdString());
    const Outcome shown = run({"show", path}), asked = run({"answer", path, "--question", "Where?"});
    QVERIFY2(shown.code == 2 && shown.out.contains(path.toUtf8()), shown.out + shown.err);
    QVERIFY2(asked.code == 2, asked.err);
    isOneSentenceAbout(asked.err, path);
  }

  void project_data() { rows({"project"}); }
  void project() {
    QFETCH(const QString, file);
    fs::copy_file(golden::root / file.toStdString(), folder() / "broken.kdproj");
    for (const char* command : {"check", "train"}) {
      const Outcome outcome = run({command, text(folder() / "broken.kdproj")});
      QVERIFY2(outcome.code == 2, outcome.err);
      isOneSentenceAbout(outcome.err, QStringLiteral("broken.kdproj"));
    }
  }

  void projectEdits_data() {
    QTest::addColumn<int>("number");
    const Json edits = read_json(golden::root / "bad/project_edits.json")["edits"];
    for (size_t i = 0; i < edits.size(); ++i)
      QTest::addRow("%zu %s", i, edits[i]["kind"].get<std::string>().c_str()) << static_cast<int>(i);
  }
  void projectEdits() {
    QFETCH(const int, number);
    const Json edit = read_json(golden::root / "bad/project_edits.json")["edits"][static_cast<size_t>(number)];
    const fs::path project = write_small_project(folder() / "project");
    apply(edit, project);
    const Outcome outcome = run({"check", text(project), "--json"});
    QVERIFY2(outcome.code == 2, outcome.err);
    if (edit["kind"] == "missing_checkpoint")  // the project opens, and what it lacks is a finding
      QCOMPARE(outcome.json()["level"].get<std::string>(), std::string("red"));
    else
      isOneSentenceAbout(outcome.err, QStringLiteral("small.kdproj"));
  }

 private:
  fs::path folder() const { return m_folder->path().toStdString(); }

  static void rows(const std::set<std::string>& targets) {
    QTest::addColumn<QString>("file");
    for (const Json& item : golden::bad_items())
      if (targets.contains(item["target"].get<std::string>()))
        QTest::newRow(item["file"].get<std::string>().c_str())
            << QString::fromStdString(item["file"].get<std::string>());
  }

  static void isOneSentenceAbout(const QByteArray& said, const QString& named) {
    QVERIFY2(said.startsWith("llavakd: ") && said.count('\n') == 1 && said.size() < 8000, said);
    QVERIFY2(said.contains(named.toUtf8()), said);
  }

  Outcome run(const QStringList& arguments) {
    const auto before = everything_in(folder());
    Outcome outcome = run_engine(arguments, {}, int(most_milliseconds));
    const auto check = [&] {
      QVERIFY2(outcome.code >= 0, "it crashed or was still running after 20 s");
      QVERIFY2(peak_memory_of_children() < most_memory, QByteArray::number(qlonglong(peak_memory_of_children())));
      QVERIFY2(everything_in(folder()) == before, "it wrote something");
    };
    check();
    return outcome;
  }

  /// The edits speak of keys by what they are.
  static void apply(const Json& edit, const fs::path& project) {
    if (edit.contains("replace_file_with") || edit.contains("truncate_file_at")) {
      std::string whole = file_text(project);
      if (edit.contains("truncate_file_at"))
        whole.resize(static_cast<size_t>(double(whole.size()) * edit["truncate_file_at"].get<double>()));
      else
        whole = edit["replace_file_with"];
      std::ofstream(project, std::ios::binary) << whole;
      return;
    }
    Json json = read_json(project);
    const std::string key = edit.contains("set") ? edit["set"] : edit["delete"];
    if (edit.contains("delete")) json.erase("version");
    if (edit.contains("set") && key == "<the version key>") json["version"] = edit["to"];
    if (key == "<a learning rate>") json["stages"][0]["learning_rate"] = edit["to"];
    if (key == "<the teacher path>") json["teacher"]["checkpoint"] = edit["to"];
    if (key == "<the stages>") json["stages"] = edit["to"];
    write_json(project, json);
  }

  std::unique_ptr<QTemporaryDir> m_folder;
  fs::path m_back;
};

std::unique_ptr<QObject> golden::make_hostile_input() {
  return std::make_unique<GoldenHostileInput>();
}

#include "golden_hostile_input.moc"
