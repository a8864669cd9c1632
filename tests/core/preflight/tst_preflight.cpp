// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <filesystem>
#include <fstream>

#include "core/io/json_file.h"
#include "core/preflight/preflight.h"
#include "core/project/errors.h"

using namespace llavakd;
namespace fs = std::filesystem;

namespace {

using Json = nlohmann::ordered_json;

const fs::path models = fs::path(LLAVAKD_SOURCE_DIR) / "projects/emoji/models";

}  // namespace

/// The emoji models and two samples: everything fits until one thing is changed.
class TestPreflight : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  fs::path folder_, file_;
  Project project_;

  static const PreflightItem* item_named(const std::vector<PreflightItem>& items, const std::string& name) {
    const auto found = std::ranges::find(items, name, &PreflightItem::name);
    return found == items.end() ? nullptr : &*found;
  }

  static QString refusal(const Project& project, const fs::path& file) {
    try {
      refuse_red(project, file);
    } catch (const UserError& error) {
      return error.what();
    }
    return {};
  }

  static Json sample(const char* id, const char* image) {
    return {
        {"id", id},
        {"image", image},
        {"conversations", {{{"from", "human"}, {"value", "<image>\nWho?"}}, {{"from", "gpt"}, {"value", "a fox"}}}}};
  }

 private Q_SLOTS:
  void initTestCase() {
    folder_ = dir_.path().toStdString();
    file_ = folder_ / "p.kdproj";
    fs::copy_file(fs::path(LLAVAKD_TEST_DATA_DIR) / "image/rgb.png", folder_ / "a.png");
    write_json(folder_ / "data.json", Json::array({sample("one", "a.png"), sample("two", "a.png")}));
    project_.teacher.checkpoint = (models / "teacher").string();
    project_.student.language_model = (models / "language-student").string();
    project_.student.vision_tower = (models / "tower").string();
    project_.conversation_template = "no_system";
    project_.stages = {{.name = "DPT", .data = "data.json", .batch_size = 1}};
    project_.stages[0].terms.push_back({.term = "rdist"});
    project_.probes = {{.image = "a.png", .question = "Who?"}};
    project_.evaluations = {{.file = "data.json"}};
  }

  void whatFitsIsGreen() {
    const auto items = preflight(project_, file_);
    QVERIFY(refusal(project_, file_).isEmpty());
    for (const char* name : {"Files", "Tokenizer", "Template of the project", "Visual tokens", "Data of DPT", "Probes",
                             "Evaluation", "Disk", "Memory"}) {
      const PreflightItem* item = item_named(items, name);
      QVERIFY2(item, name);
      QVERIFY2(item->level == MatchLevel::green && item->remedy.empty(), item->finding.c_str());
    }
    QCOMPARE(item_named(items, "Data of DPT")->finding, std::string("2 samples, 2 steps"));
    QVERIFY(to_json(items)["level"] != "red");
  }

  void faultySamplesAreAmber() {
    write_json(folder_ / "faulty.json", Json::array({sample("one", "a.png"), sample("gone", "none.png")}));
    Project project = project_;
    project.stages[0].data = "faulty.json";
    const auto items = preflight(project, file_);
    const PreflightItem* item = item_named(items, "Data of DPT");
    QVERIFY(item->level == MatchLevel::amber);
    QVERIFY2(item->finding.find("gone") != std::string::npos && item->remedy.find("data check") != std::string::npos,
             item->finding.c_str());
    QVERIFY(refusal(project, file_).isEmpty());
  }

  void whatCantWorkIsRedAndRefused_data() {
    QTest::addColumn<QString>("what");
    QTest::addColumn<QString>("named");
    QTest::newRow("data") << "data"
                          << "nowhere.json";
    QTest::newRow("no data") << "no data"
                             << "DPT";
    QTest::newRow("teacher") << "teacher"
                             << "no-teacher";
    QTest::newRow("no teacher") << "no teacher"
                                << "Teacher";
    QTest::newRow("student") << "student"
                             << "no-student";
    QTest::newRow("no student") << "no student"
                                << "Student";
    QTest::newRow("bare teacher") << "bare teacher"
                                  << "teacher";
    QTest::newRow("probe") << "probe"
                           << "nowhere.png";
    QTest::newRow("questions") << "questions"
                               << "nowhere.json";
    QTest::newRow("other ids") << "other ids"
                               << "Id ";
    QTest::newRow("processor") << "processor"
                               << "Image processor";
    QTest::newRow("processor's size") << "size"
                                      << "preprocessor_config.json";
    QTest::newRow("queries") << "queries"
                             << "num_queries 35";
  }
  void whatCantWorkIsRedAndRefused() {
    QFETCH(const QString, what);
    QFETCH(const QString, named);
    Project project = project_;
    if (what == "data") project.stages[0].data = "nowhere.json";
    if (what == "no data") project.stages[0].data.clear();
    if (what == "teacher") project.teacher.checkpoint = "no-teacher";
    if (what == "no teacher") project.teacher.checkpoint.clear();
    if (what == "student") project.student.language_model = "no-student";
    if (what == "no student") project.student = {};
    if (what == "bare teacher") project.teacher.checkpoint = (models / "language-student").string();
    if (what == "probe") project.probes[0].image = "nowhere.png";
    if (what == "questions") project.evaluations[0].file = "nowhere.json";
    if (what == "other ids") {
      fs::copy(models / "teacher", folder_ / "swapped", fs::copy_options::recursive);
      Json tokenizer = read_json(folder_ / "swapped/tokenizer.json");
      std::swap(tokenizer["model"]["vocab"]["a"], tokenizer["model"]["vocab"]["b"]);
      write_json(folder_ / "swapped/tokenizer.json", tokenizer);
      project.teacher.checkpoint = "swapped";
    }
    if (what == "processor" || what == "size") {
      const int side = what == "size" ? 64 : 96;
      fs::copy(models / "teacher", folder_ / what.toStdString(), fs::copy_options::recursive);
      write_json(folder_ / what.toStdString() / "preprocessor_config.json",
                 {{"size", {{"height", side}, {"width", side}}}, {"image_mean", {0.4, 0.5, 0.6}}});
      project.teacher.checkpoint = what.toStdString();
    }
    if (what == "queries") project.student.connector = "resampler";
    const auto items = preflight(project, file_);
    QCOMPARE(to_json(items)["level"].get<std::string>(), std::string("red"));
    for (const auto& item : items) QVERIFY2(item.level == MatchLevel::green || !item.remedy.empty(), item.name.c_str());
    const QString said = refusal(project, file_);
    QVERIFY2(said.contains(named) && said.endsWith('.') && !said.contains(".."), qPrintable(said));
  }

  void withoutDistillationNoTeacherIsNeeded() {
    Project project = project_;
    project.teacher.checkpoint.clear();
    project.stages[0].terms = {{.term = "ce"}};
    QVERIFY2(refusal(project, file_).isEmpty(), qPrintable(refusal(project, file_)));
  }

  void stagesThatDontRunDontMatter() {
    Project project = project_;
    project.stages.push_back({.name = "SFT", .data = "nowhere.json"});
    QVERIFY(refusal(project, file_).contains("nowhere.json"));
    project.schedule = {"DPT"};
    QVERIFY(refusal(project, file_).isEmpty());
  }

  void theJsonHoldsTheWorstLevel() {
    const std::vector<PreflightItem> items = {{"a", MatchLevel::green, "fine", ""},
                                              {"b", MatchLevel::amber, "odd", "do"}};
    QCOMPARE(to_json(items).dump(),
             std::string(R"({"level":"amber","items":[{"name":"a","level":"green","finding":"fine","remedy":""},)"
                         R"({"name":"b","level":"amber","finding":"odd","remedy":"do"}]})"));
    QCOMPARE(to_json(std::vector<PreflightItem>{})["level"].get<std::string>(), std::string("green"));
  }
};

QTEST_APPLESS_MAIN(TestPreflight)
#include "tst_preflight.moc"
