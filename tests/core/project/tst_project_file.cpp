// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <fstream>

#include "core/base/errors.h"
#include "core/project/project_file.h"

using namespace llavakd;
namespace fs = std::filesystem;

namespace {

std::string refusal(const fs::path& file) {
  try {
    load_project(file);
  } catch (const UserError& error) {
    return error.what();
  }
  return "accepted";
}

void write(const fs::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary) << text;
}

}  // namespace

class TestProjectFile : public QObject {
  Q_OBJECT
  QTemporaryDir m_folder;
  fs::path folder() const { return m_folder.path().toStdString(); }

 private Q_SLOTS:
  void everyReadyProjectLoadsAndSavesUnchanged() {
    int count = 0;
    for (const auto& entry : fs::directory_iterator(LLAVAKD_SOURCE_DIR "/projects")) {
      const fs::path file = entry.path() / "project.kdproj";
      if (!fs::exists(file)) continue;
      const Project project = load_project(file);
      save_project(project, folder() / "copy.kdproj");
      QVERIFY2(load_project(folder() / "copy.kdproj") == project, file.c_str());
      QVERIFY2(contains(catalog::project_templates(), project.name), file.c_str());
      ++count;
    }
    QCOMPARE(count, static_cast<int>(catalog::project_templates().size()));
  }

  void aProjectKeepsItsIdUntilItIsAnother() {
    const fs::path file = folder() / "id.kdproj";
    save_project({}, file);
    const std::string id = project_id_of(file);
    QCOMPARE(id.size(), size_t{12});
    Project project = load_project(file);
    project.notes = "changed";
    save_project(project, file);
    QCOMPARE(project_id_of(file), id);
    save_project(project, file, ProjectId::renew);
    QVERIFY(project_id_of(file) != id);
    write(file, project_text(project));
    QVERIFY(project_id_of(file).empty());
    write(file, R"({"format":"llavakd-project","version":1,"id":7})");
    QVERIFY(refusal(file).find("\"id\"") != std::string::npos);
    QVERIFY(project_id_of(file).empty() && project_id_of(folder() / "none.kdproj").empty());
  }

  void whatIsNoProjectIsRefused_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("expected");
    QTest::newRow("not json") << "{"
                              << "p.kdproj";
    QTest::newRow("foreign") << R"({"a":1})"
                             << "is not a LLaVA-KD project";
    QTest::newRow("list") << "[]"
                          << "is not a LLaVA-KD project";
    QTest::newRow("no version") << R"({"format":"llavakd-project"})"
                                << "\"version\" must be";
    QTest::newRow("newer") << R"({"format":"llavakd-project","version":2})"
                           << "newer LLaVA-KD Studio";
    QTest::newRow("unknown key") << R"({"format":"llavakd-project","version":1,"nam":""})"
                                 << "nam is not a known key";
    QTest::newRow("bounds") << R"({"format":"llavakd-project","version":1,"max_length":1})"
                            << "max_length is 1; it must lie between";
    QTest::newRow("stage twice") << R"({"format":"llavakd-project","version":1,"stages":[{"name":"A"},{"name":"A"}]})"
                                 << "two stages are called";
    QTest::newRow("stage name") << R"({"format":"llavakd-project","version":1,"stages":[{"name":"../A"}]})"
                                << "must be made of letters";
    QTest::newRow("term twice")
        << R"({"format":"llavakd-project","version":1,"stages":[{"name":"A","terms":[{"term":"ce"},{"term":"ce"}]}]})"
        << "twice";
    QTest::newRow("schedule") << R"({"format":"llavakd-project","version":1,"stages":[{"name":"A"}],"schedule":["B"]})"
                              << "names \"B\"";
  }
  void whatIsNoProjectIsRefused() {
    QFETCH(QString, text);
    QFETCH(QString, expected);
    write(folder() / "p.kdproj", text.toStdString());
    const QString message = QString::fromStdString(refusal(folder() / "p.kdproj"));
    QVERIFY2(message.contains(expected), qPrintable(message));
    QVERIFY2(message.contains("p.kdproj"), qPrintable(message));
  }

  void aMissingFileIsNamed() { QVERIFY(refusal(folder() / "none.kdproj").find("none.kdproj") != std::string::npos); }

  void pathsStartFromTheFile() {
    QCOMPARE(resolve("/a/b/p.kdproj", "c/d").string(), "/a/b/c/d");
    QCOMPARE(resolve("/a/b/p.kdproj", "../c").string(), "/a/c");
    QCOMPARE(resolve("/a/b/p.kdproj", "/c").string(), "/c");
    QCOMPARE(resolve("/a/b/p.kdproj", "c/d/").string(), "/a/b/c/d");
    QCOMPARE(resolve("/a/b/p.kdproj", ".").string(), "/a/b");
    QVERIFY(resolve("/a/b/p.kdproj", "").empty());
    QVERIFY_EXCEPTION_THROWN(resolve("/a/b/p.kdproj", std::string("c\0d", 3)), UserError);
  }

  void picturesLieBesideTheDataUnlessAFolderIsNamed() {
    QCOMPARE(images_folder("/a/p.kdproj", "b/data.json", "c").string(), "/a/c");
    QCOMPARE(images_folder("/a/p.kdproj", "b/data.json", "").string(), "/a/b");
    QCOMPARE(images_folder("/a/p.kdproj", "/d/data.json", "").string(), "/d");
    QVERIFY(images_folder("/a/p.kdproj", "", "").empty());
    QCOMPARE(images_folder("data.json", "").string(), std::filesystem::current_path().string());
    QCOMPARE(images_folder("/d/data.json", "c").string(), "c");
  }

  void settingsAreCheckedTogether() {
    Project project;
    project.stages.resize(2);
    project.stages[0].name = "DPT";
    project.stages[1].name = "SFT";
    apply_settings(project, {"schedule=[\"SFT\"]", "run.seed=3"});
    QCOMPARE(project.run.seed, int64_t{3});
    for (const char* wrong : {"stages[1].name=DPT", "stages[1].name=a b", "schedule=[\"none\"]"}) {
      Project copy = project;
      QVERIFY_EXCEPTION_THROWN(apply_settings(copy, {wrong}), UserError);
    }
  }

  void anyBytesCanBeWritten() {
    Project project;
    project.name = "\xff";
    QVERIFY(project_text(project).find("\xEF\xBF\xBD") != std::string::npos);
  }

  void scheduleAndSteps() {
    Project project;
    project.stages.resize(2);
    project.stages[0].name = "A";
    project.stages[1].name = "B";
    QCOMPARE(scheduled_stages(project).size(), size_t{2});
    project.schedule = {"B", "B"};
    QCOMPARE(scheduled_stages(project)[1].name, "B");
    StageOptions stage;
    stage.batch_size = 32;
    stage.epochs = 1;
    QCOMPARE(stage_steps(stage, 65), int64_t{3});
    stage.max_steps = 2;
    QCOMPARE(stage_steps(stage, 65), int64_t{2});
    QCOMPARE(stage_steps(stage, 0), int64_t{0});
  }

  void presetsSetTheWeights() {
    StageOptions stage;
    stage.terms = {{"ce"}, {"rdist"}};
    apply_weights(stage, "paper");
    QCOMPARE(stage.terms[1].weight, 0.5);
    apply_weights(stage, "code");
    QCOMPARE(stage.terms[1].weight, 1.0);
    QVERIFY_EXCEPTION_THROWN(apply_weights(stage, "mine"), UserError);
  }
};

QTEST_APPLESS_MAIN(TestProjectFile)
#include "tst_project_file.moc"
