// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <filesystem>
#include <fstream>

#include "core/base/errors.h"
#include "core/io/json_file.h"
#include "core/project/project_file.h"
#include "core/project/visitors.h"
#include "core/run/ablation_list.h"
#include "core/run/run_folder.h"

using namespace llavakd;
namespace fs = std::filesystem;

namespace {

/// A run as `ablate` leaves it, which nobody trained.
struct AblationRun {
  std::vector<std::string> stages;
  int64_t seed = 0;
  std::optional<double> score = {};
  double learning_rate = 0.001;
  std::string status = "finished";
};

}  // namespace

class TestAblationList : public QObject {
  Q_OBJECT

  static void write(const fs::path& file, const AblationRun& plan) {
    std::string name = "ablate";
    for (const std::string& stage : plan.stages) name += "-" + stage;
    const RunFolder run =
        create_run(file, name + "-s" + std::to_string(plan.seed) + (plan.learning_rate == 0.001 ? "" : "-other"));
    Project project;
    project.name = "arms";
    for (const std::string& stage : plan.stages) {
      StageOptions options;
      options.name = stage;
      options.learning_rate = plan.learning_rate;
      project.stages.push_back(options);
    }
    project.schedule = plan.stages;
    project.run.seed = plan.seed;
    RunInfo info;
    info.id = run.id();
    info.kind = RunKind::ablate;
    info.status = plan.status;
    info.started = 1763978400;
    info.project_file = file.string();
    info.project_id = project_id_of(file);
    info.project = to_json(project);
    write_run_info(run, info);
    if (!plan.score) return;
    fs::create_directories(run.evaluations());
    auto results = nlohmann::ordered_json::parse(R"([{"task": "exact_match", "score_is": "mean"}])");
    results[0]["score"] = *plan.score;
    write_json(run.evaluations() / (plan.stages.back() + "-8.json"), results);
  }

  static fs::path made_project(const QTemporaryDir& dir) {
    const fs::path file = fs::path(dir.path().toStdString()) / "arms.kdproj";
    save_project({}, file);
    return file;
  }

 private Q_SLOTS:
  void listsArmsAndSeeds() {
    const QTemporaryDir dir;
    const fs::path file = made_project(dir);
    QVERIFY(list_ablations(file).empty());
    for (const int64_t seed : {0, 1, 2}) {
      write(file, {.stages = {"PT"}, .seed = seed});  // a beginning that arms share
      write(file, {.stages = {"PT", "SFT"}, .seed = seed, .score = 50.0 + double(seed)});
      if (seed < 2) write(file, {.stages = {"PT", "DFT", "SFT"}, .seed = seed, .score = 53.0 + 2 * double(seed)});
    }
    const std::vector<AblationList> lists = list_ablations(file);
    QCOMPARE(lists.size(), size_t(1));
    QCOMPARE(lists[0].runs, int64_t(8));
    QCOMPARE(lists[0].at_work, int64_t(0));
    QCOMPARE(lists[0].seeds, (std::vector<int64_t>{0, 1, 2}));
    QCOMPARE(lists[0].arms.size(), size_t(2));
    QCOMPARE(lists[0].arms[0].name, std::string("PT-SFT"));
    QCOMPARE(lists[0].arms[0].scores[1].run, std::string("ablate-PT-SFT-s1"));
    const auto json = ablation_table(lists[0], {});
    QCOMPARE(json["differences"][0]["minus"].get<std::string>(), std::string("PT-SFT"));
    QCOMPARE(json["differences"][0]["scores"].dump(), std::string("[3.0,4.0,null]"));
    const auto other = ablation_table(lists[0], "PT-DFT-SFT");
    QCOMPARE(other["differences"][0]["minus"].get<std::string>(), std::string("PT-DFT-SFT"));
    QCOMPARE(other["differences"][0]["mean"].get<double>(), -3.5);
    QVERIFY_THROWS_EXCEPTION(UserError, ablation_table(lists[0], "SFT"));
  }

  /// Scores under other options are another table.
  void otherOptionsAreAnotherTable() {
    const QTemporaryDir dir;
    const fs::path file = made_project(dir);
    write(file, {.stages = {"PT"}, .score = 40});
    write(file, {.stages = {"PT"}, .score = 60, .learning_rate = 0.5});
    write(file, {.stages = {"PT", "SFT"}, .score = 45});
    const std::vector<AblationList> lists = list_ablations(file);
    QCOMPARE(lists.size(), size_t(2));
    const auto& whole = lists[0].arms.size() == 2 ? lists[0] : lists[1];
    QCOMPARE(whole.arms.size(), size_t(2));
    QCOMPARE(whole.arms[0].scores[0].score.value(), 40.0);
  }

  /// What is damaged or not scored yet has no score, and keeps nothing from being shown.
  void leavesOutWhatHasNoScore() {
    const QTemporaryDir dir;
    const fs::path file = made_project(dir);
    write(file, {.stages = {"PT"}, .score = 40});
    write(file, {.stages = {"SFT"}, .score = 41});
    std::ofstream(runs_folder(file) / "ablate-SFT-s0" / "eval" / "SFT-8.json") << "[{";
    write(file, {.stages = {"DFT"}});
    const std::vector<AblationList> lists = list_ablations(file);
    QCOMPARE(lists.size(), size_t(1));
    QCOMPARE(lists[0].runs, int64_t(3));
    QCOMPARE(lists[0].arms.size(), size_t(1));
    QVERIFY(ablation_table(lists[0], {})["differences"].empty());
  }
};

QTEST_GUILESS_MAIN(TestAblationList)
#include "tst_ablation_list.moc"
