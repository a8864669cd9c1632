// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include "core/project/visitors.h"
#include "core/run/option_changes.h"
#include "core/run/run_difference.h"

using namespace llavakd;

namespace {

StageOptions stage_with(const std::string& name, double weight) {
  StageOptions stage{.name = name};
  stage.terms = {{.term = "ce"}, {.term = "rdist", .weight = weight}};
  return stage;
}

Project project_with(double weight) {
  Project project;
  project.stages = {stage_with("DPT", weight), stage_with("SFT", weight)};
  return project;
}

/// A run whose DPT began with this weight.
RunInfo run_with(double weight) {
  RunInfo run;
  const Project project = project_with(weight);
  run.project = to_json(project);
  run.stages = {{.stage_index = 0,
                 .stage = "DPT",
                 .options = to_json(project.stages[0]),
                 .shared = shared_options(project),
                 .from_step = 0,
                 .started = 1}};
  return run;
}

const OptionRow* row_of(const std::vector<OptionRow>& rows, const std::string& stage, const std::string& option) {
  const auto found =
      std::ranges::find_if(rows, [&](const OptionRow& row) { return row.stage == stage && row.option == option; });
  return found == rows.end() ? nullptr : &*found;
}

}  // namespace

class TestRunDifference : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void differencesAreMarked() {
    const auto rows = run_difference({run_with(0.5), run_with(0.7), run_with(0.5)});
    QCOMPARE(rows.front().stage, std::string());  // the project's come first
    const OptionRow* weight = row_of(rows, "DPT", "terms.rdist.weight");
    QVERIFY(weight && weight->differs);
    QCOMPARE(to_text(weight->runs[0]), "0.5");
    QCOMPARE(to_text(weight->runs[1]), "0.7");
    const OptionRow* rate = row_of(rows, "DPT", "learning_rate");
    QVERIFY(rate && !rate->differs);
    QVERIFY(!row_of(rows, "DPT", "name"));
    // SFT hasn't begun: as it is configured.
    QVERIFY(row_of(rows, "SFT", "terms.rdist.weight")->differs);
    const OptionRow* seed = row_of(rows, "", "run.seed");
    QVERIFY(seed && !seed->differs);
  }

  void aResumeThatChangedAnOptionIsToldByItsStep() {
    RunInfo changed = run_with(0.5);
    StageRecord later = changed.stages[0];
    later.from_step = 40;
    later.options = to_json(stage_with("DPT", 0.7));
    changed.stages.push_back(later);
    changed.project = to_json(project_with(0.7));
    const auto rows = run_difference({changed, run_with(0.5)});
    const OptionRow* weight = row_of(rows, "DPT", "terms.rdist.weight");
    QVERIFY(weight && weight->differs);
    QCOMPARE(to_text(weight->runs[0]), "0.5, from step 40 on 0.7");
    QCOMPARE(to_text(weight->runs[1]), "0.5");
  }

  void aTermThatOnlyOneHas() {
    RunInfo without = run_with(0.5);
    StageOptions plain{.name = "DPT"};
    without.stages[0].options = to_json(plain);
    const auto rows = run_difference({run_with(0.5), without});
    const OptionRow* weight = row_of(rows, "DPT", "terms.rdist.weight");
    QVERIFY(weight && weight->differs && weight->runs[1].empty());
    QCOMPARE(to_text(weight->runs[1]), "–");
  }

  void aTermThatAResumeTookAwayEnds() {
    RunInfo run = run_with(0.5);
    StageRecord later = run.stages[0];
    later.from_step = 9;
    later.options = to_json(StageOptions{.name = "DPT"});
    run.stages.push_back(later);
    const auto rows = run_difference({run});
    QCOMPARE(to_text(row_of(rows, "DPT", "terms.rdist.weight")->runs[0]), "0.5, from step 9 on –");
  }

  /// The same stage may run twice.
  void aStageThatComesTwiceHasTwoGroups() {
    RunInfo run = run_with(0.5);
    Project project = project_with(0.5);
    project.schedule = {"DPT", "DPT"};
    run.project = to_json(project);
    const auto rows = run_difference({run});
    QVERIFY(row_of(rows, "DPT (2)", "learning_rate") && !row_of(rows, "SFT", "learning_rate"));
  }

  /// Runs of earlier versions have no records of their stages.
  void withoutRecordsTheConfigurationCounts() {
    RunInfo old = run_with(0.7);
    old.stages.clear();
    const auto rows = run_difference({old, run_with(0.5)});
    QCOMPARE(to_text(row_of(rows, "DPT", "terms.rdist.weight")->runs[0]), "0.7");
    QVERIFY(row_of(rows, "", "run.precision") && !row_of(rows, "", "run.precision")->differs);
  }

  /// Of a run that another program recorded nothing can differ.
  void runsWithoutOptionsArentCompared() {
    for (const OptionRow& row : run_difference({RunInfo(), run_with(0.5), RunInfo(), run_with(0.5)})) {
      QVERIFY2(!row.differs, row.option.c_str());
      QVERIFY(row.runs[0].empty() && !row.runs[1].empty());
    }
  }

  void valuesAreWrittenForPeople() {
    const auto rows = run_difference({run_with(0.5)});
    QCOMPARE(to_text(row_of(rows, "DPT", "train")->runs[0]), "connector");
    QCOMPARE(to_text(row_of(rows, "DPT", "epochs")->runs[0]), "1");
    const auto parts = nlohmann::ordered_json::array({"connector", "language_model"});
    QCOMPARE(to_text(std::vector{OptionValue{0, parts}}), "connector, language_model");
  }

  void hostileRecordsSayNothing() {
    RunInfo run;
    run.project = {{"schedule", {"nowhere"}}};
    for (const nlohmann::ordered_json& json :
         {nlohmann::ordered_json(), nlohmann::ordered_json(3), nlohmann::ordered_json::array(),
          nlohmann::ordered_json{{"terms", {1, nullptr, {{"weight", 1}}, {{"term", 2}}}}}})
      run.stages.push_back(
          {.stage_index = -1, .stage = "", .options = json, .shared = json, .from_step = -5, .started = 0});
    for (const OptionRow& row : run_difference({run, run_with(0.5), RunInfo()})) QCOMPARE(row.runs.size(), size_t{3});
    QVERIFY(run_difference({}).empty());
  }
};

QTEST_APPLESS_MAIN(TestRunDifference)
#include "tst_run_difference.moc"
