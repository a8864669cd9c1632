// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <sys/stat.h>

#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <filesystem>

#include "core/base/errors.h"
#include "core/base/sha256.h"
#include "core/io/atomic_file.h"
#include "core/io/json_file.h"
#include "core/run/bundle_inputs.h"
#include "core/run/checkpoint_sums.h"
#include "core/run/curve_table.h"
#include "core/run/event_log.h"

using namespace llavakd;
namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

/// What others send is looked at as if they meant ill. That a whole bundle is written, verified and repeated is tested
/// where runs are trained.
class TestBundle : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  fs::path root_, bundle_;

  void write_info(const Json& change) const {
    Json info = {{"format", "llavakd-bundle"}, {"version", 1}, {"llavakd", "0.1.0"}, {"run", "one"}};
    info["inputs"] = Json::array({Json{{"kind", "model"}, {"path", "../teacher"}, {"key", "/far/teacher"}}});
    info.merge_patch(change);
    write_json(bundle_ / "bundle.json", info);
  }

  std::string fault() const {
    try {
      open_bundle(bundle_);
      return {};
    } catch (const UserError& error) {
      return error.what();
    }
  }

  static KnownInputs known_of(const Json& files) {
    KnownInputs known;
    for (const auto& [key, text] : files.items()) {
      const auto content = text.get<std::string>();
      known.files[key] = {.bytes = static_cast<int64_t>(content.size()), .modified = 0, .hash = sha256(content)};
    }
    return known;
  }

 private Q_SLOTS:
  void init() {
    root_ = fs::path(dir_.path().toStdString()) / "test";
    bundle_ = root_ / "bundle";
    fs::remove_all(root_);
    fs::create_directories(bundle_ / "runs" / "one");
    write_json(bundle_ / "runs" / "one" / "run.json", Json::object());
    write_info(Json::object());
    write_checkpoint_sums(bundle_);
  }

  void aWholeOneIsOpened() {
    const Bundle bundle = open_bundle(bundle_);
    QCOMPARE(bundle.run().id(), std::string("one"));
    QCOMPARE(bundle.info.needs.size(), size_t{1});
    QVERIFY(is_bundle(bundle_) && !is_bundle(root_));
    QVERIFY(compare_with_sums(bundle_).faults.empty());
  }

  /// The second one can't be told from the first.
  void aFileIsNamedOnceInTheManifest() {
    const fs::path sums = bundle_ / checkpoint_sums_name;
    QFile file(QString::fromStdString(sums.string()));
    QVERIFY(file.open(QIODevice::ReadOnly));
    const std::string text = file.readAll().toStdString();
    write_file_atomically(sums, text + text.substr(0, text.find('\n') + 1));
    const auto faults = compare_with_sums(bundle_).faults;
    QVERIFY(faults.size() == 1 && faults[0].find("twice") != std::string::npos);
  }

  void whatCantBeOneIsRefused_data() {
    QTest::addColumn<QString>("change");
    QTest::addColumn<QString>("said");
    const auto row = [](const char* name, const char* change, const char* said) {
      QTest::newRow(name) << QString::fromUtf8(change) << QString::fromUtf8(said);
    };
    row("another format", R"({"format": "x"})", "is no bundle's");
    row("no version", R"({"version": null})", "whole number");
    row("newer", R"({"version": 2})", "newer LLaVA-KD Studio");
    row("run above", R"({"run": "../one"})", "can't be a run's name");
    row("run is a list", R"({"run": []})", "run");
    row("project above", R"({"project": "../a.kdproj"})", "project file's name");
    row("project elsewhere", R"({"project": "/etc/a.kdproj"})", "project file's name");
    row("hidden project", R"({"project": ".kdproj"})", "project file's name");
    row("weights", R"({"weights": "some"})", "Unknown weights");
    row("inputs", R"({"inputs": [1]})", "bundle.json");
    row("huge size", R"({"inputs": [{"bytes": 1e300}]})", "bytes");
    row("another run", R"({"run": "two"})", "lacks the run");
  }

  void whatCantBeOneIsRefused() {
    QFETCH(const QString, change);
    QFETCH(const QString, said);
    write_info(Json::parse(change.toStdString()));
    const std::string what = fault();
    QVERIFY2(what.find(said.toStdString()) != std::string::npos, what.c_str());
  }

  void onlyFilesAndFoldersAreIn_data() {
    QTest::addColumn<QString>("what");
    for (const char* what : {"link", "link to a folder", "lost link", "pipe", "deep"}) QTest::newRow(what) << what;
  }

  void onlyFilesAndFoldersAreIn() {
    QFETCH(const QString, what);
    const fs::path place = bundle_ / "runs" / "one" / "probes";
    write_file_atomically(root_ / "outside", "text");
    if (what == "link") fs::create_symlink(root_ / "outside", place);
    if (what == "link to a folder") fs::create_directory_symlink(root_, place);
    if (what == "lost link") fs::create_symlink("nowhere", place);
    if (what == "pipe") QCOMPARE(mkfifo(place.c_str(), 0600), 0);
    fs::path deep = bundle_;
    for (int i = 0; what == "deep" && i < 40; ++i) fs::create_directory(deep /= "d");
    QVERIFY2(fault().find("A bundle holds files and folders only") != std::string::npos, fault().c_str());
  }

  void aFileLargerThanItsDiskIsRefused() {
    const fs::path file = bundle_ / "huge";
    write_file_atomically(file, "");
    std::error_code error;
    fs::resize_file(file, fs::space(bundle_).capacity + 1, error);
    if (error) QSKIP("no such file can be made here");
    QVERIFY2(fault().find("larger than the disk") != std::string::npos, fault().c_str());
  }

  void aManifestThatLeadsOutIsAFault() {
    write_file_atomically(root_ / "outside", "text");
    for (const char* name : {"../outside", "/etc/hostname", "runs/../../outside"}) {
      write_file_atomically(bundle_ / "SHA256SUMS", sha256("text") + "  " + name + "\n");
      QVERIFY(!compare_with_sums(bundle_).faults.empty());
    }
  }

  void inputsAreFoundByTheirContent() {
    const std::vector<BundleNeed> needs{{.kind = "model", .path = "../teacher", .key = "/far/teacher"},
                                        {.kind = "data", .path = "data.json", .key = "data.json"}};
    const KnownInputs known =
        known_of({{"/far/teacher/config.json", "{}"}, {"/far/teacher/w.bin", "weights"}, {"data.json", "[1]"}});
    const fs::path elsewhere = root_ / "elsewhere";
    fs::create_directories(elsewhere / "renamed");
    write_file_atomically(elsewhere / "renamed" / "c.json", "{}");
    write_file_atomically(elsewhere / "renamed" / "other.bin", "weighty");  // as long, but another one
    write_file_atomically(elsewhere / "list.json", "[1]");
    QCOMPARE(find_inputs(needs, known, {}).missing.size(), size_t{3});
    FoundInputs found = find_inputs(needs, known, {elsewhere});
    QCOMPARE(found.missing, std::vector<std::string>{"/far/teacher/w.bin"});
    write_file_atomically(elsewhere / "w", "weights");
    found = find_inputs(needs, known, {elsewhere / "renamed", elsewhere / "list.json", elsewhere / "w"});
    QVERIFY(found.all_there());

    const auto placed = place_inputs(needs, known, found, root_ / "place");
    QCOMPARE(placed.at({"model", "../teacher"}), std::string("inputs/1/teacher"));
    QCOMPARE(placed.at({"data", "data.json"}), std::string("inputs/2/data.json"));
    QVERIFY(fs::equivalent(root_ / "place/inputs/1/teacher/w.bin", elsewhere / "w"));
    QVERIFY(fs::equivalent(root_ / "place/inputs/2/data.json", elsewhere / "list.json"));
  }

  /// A picture that a probe looks at, too, is noted as a file and not as an image.
  void picturesOfProbesAreAmongThePictures() {
    const std::vector<BundleNeed> needs{{.kind = "pictures", .path = "images", .key = "images"},
                                        {.kind = "pictures", .path = "data.json", .key = ""}};
    KnownInputs known = known_of({{"images/0.PNG", "zero"}, {"images/questions.json", "[]"}, {"data.json", "[1]"}});
    known.images["images/1.png"] = {.bytes = 3, .modified = 0, .hash = sha256("one")};
    known.images["/far/2.png"] = {.bytes = 3, .modified = 0, .hash = sha256("two")};
    fs::create_directories(root_ / "brought");
    write_file_atomically(root_ / "brought" / "a", "zero");
    write_file_atomically(root_ / "brought" / "b", "one");
    QCOMPARE(files_of_need(needs[0], known).size(), size_t{2});
    QCOMPARE(files_of_need(needs[1], known).size(), size_t{2});
    const FoundInputs found = find_inputs(needs, known, {root_ / "brought"});
    QVERIFY(found.all_there());
    place_inputs(needs, known, found, root_ / "place");
    QVERIFY(fs::equivalent(root_ / "place/inputs/1/images/0.PNG", root_ / "brought" / "a"));
    QVERIFY(fs::equivalent(root_ / "place/inputs/2/images/1.png", root_ / "brought" / "b"));
  }

  void namesThatLeadOutAreRefused_data() {
    QTest::addColumn<QString>("key");
    QTest::addColumn<QString>("file");
    QTest::newRow("below") << "teacher"
                           << "teacher/../../../evil";
    QTest::newRow("the folder itself") << "teacher/.."
                                       << "teacher/../evil";
    QTest::newRow("dot") << "teacher"
                         << "teacher/./evil";
    QTest::newRow("no name") << "teacher"
                             << "teacher/evil/";
  }

  void namesThatLeadOutAreRefused() {
    QFETCH(const QString, key);
    QFETCH(const QString, file);
    const std::vector<BundleNeed> needs{{.kind = "model", .path = "teacher", .key = key.toStdString()}};
    const KnownInputs known = known_of({{file.toStdString(), "text"}});
    write_file_atomically(root_ / "brought", "text");
    const FoundInputs found = find_inputs(needs, known, {root_});
    QVERIFY(found.all_there());
    QVERIFY_EXCEPTION_THROWN(place_inputs(needs, known, found, root_ / "a" / "place"), UserError);
    QVERIFY(!fs::exists(fs::symlink_status(root_ / "evil")) && !fs::exists(fs::symlink_status(root_ / "a" / "evil")));
  }

  /// What isn't placed is emptied: nothing of a stranger's record is opened by its path.
  void pathsOfOthersAreDropped() {
    Project project;
    project.teacher.checkpoint = "/etc";
    project.student.language_model = "known";
    project.student.vision_tower = "../tower";
    project.stages = {{.name = "A", .data = "/etc/passwd", .images = "/"}, {.name = "B", .data = "known.json"}};
    project.probes = {{.image = "/etc/a.png", .question = "/what?"}};
    project.evaluations = {{.file = "/etc/a.json", .images = "/etc"}};
    project.run.cache_folder = "/home";
    project.notes = "/etc";
    redirect_inputs(project, {{{"model", "known"}, "inputs/1/known"},
                              {{"data", "known.json"}, "inputs/2/known.json"},
                              {{"pictures", "known.json"}, "inputs/3"}});
    QCOMPARE(project.student.language_model, std::string("inputs/1/known"));
    QCOMPARE(project.stages[1].data, std::string("inputs/2/known.json"));
    QCOMPARE(project.stages[1].images, std::string("inputs/3"));
    for (const std::string& path : {project.teacher.checkpoint, project.student.vision_tower, project.stages[0].data,
                                    project.stages[0].images, project.probes[0].image, project.evaluations[0].file,
                                    project.evaluations[0].images, project.run.cache_folder})
      QVERIFY2(path.empty(), path.c_str());
    QCOMPARE(project.notes + project.probes[0].question, std::string("/etc/what?"));
  }

  void stepsBecomeATable() {
    const fs::path log = root_ / "events.jsonl";
    {
      EventLog events(log);
      events.append(
          {.stage = "A", .stage_step = 1, .step = 1, .body = StepEvent{.terms = {{"ce", 0.1}}, .total = 0.1}});
      events.append({.stage = "A", .body = PausedEvent{}});
      events.append(
          {.stage = "B,\"", .stage_step = 1, .step = 2, .body = StepEvent{.terms = {{"kl", 2}}, .samples = 4}});
    }
    QCOMPARE(write_curve_table(log, root_ / "curves.csv"), int64_t{2});
    QFile table(QString::fromStdString((root_ / "curves.csv").string()));
    QVERIFY(table.open(QIODevice::ReadOnly));
    QCOMPARE(QString::fromUtf8(table.readAll()),
             QStringLiteral("step,stage,stage_step,total,terms.ce,terms.kl,weighted.ce,weighted.kl,grad_norm,learning_"
                            "rate,samples,skipped,tokens,seconds\n"
                            "1,A,1,0.1,0.1,,,,,,0,0,0,\n"
                            "2,\"B,\"\"\",1,,,2,,,,,4,0,0,\n"));
  }
};

QTEST_GUILESS_MAIN(TestBundle)
#include "tst_bundle.moc"
