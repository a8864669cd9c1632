// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include "core/base/errors.h"
#include "core/project/stage_list.h"

using namespace llavakd;

class TestStageList : public QObject {
  Q_OBJECT
  using Names = std::vector<std::string>;

  static Project project_of(const Names& stages, const Names& schedule = {}) {
    Project project;
    for (const auto& name : stages) {
      project.stages.emplace_back();
      project.stages.back().name = name;
      project.stages.back().data = name + ".json";
    }
    project.schedule = schedule;
    return project;
  }
  static Names names_of(const Project& project) {
    Names names;
    for (const auto& stage : project.stages) names.push_back(stage.name);
    return names;
  }

 private Q_SLOTS:
  void addsWithTheDataOfTheLast() {
    Project project;
    QCOMPARE(add_stage(project), size_t{0});
    QCOMPARE(names_of(project), Names{"stage"});
    QCOMPARE(add_stage(project), size_t{1});
    QCOMPARE(names_of(project), (Names{"stage", "stage_2"}));
    project = project_of({"DPT", "SFT"}, {"SFT"});
    add_stage(project);
    QCOMPARE(project.stages.back().data, std::string("SFT.json"));
    QCOMPARE(project.schedule, (Names{"SFT", "stage"}));
  }

  void copiesUnderANameOfItsOwn() {
    Project project = project_of({"DPT", "SFT"}, {"DPT", "SFT"});
    QCOMPARE(copy_stage(project, 0), size_t{1});
    QCOMPARE(names_of(project), (Names{"DPT", "DPT_2", "SFT"}));
    QCOMPARE(project.schedule, (Names{"DPT", "DPT_2", "SFT"}));
    QCOMPARE(project.stages[1].data, std::string("DPT.json"));
    copy_stage(project, 0);
    QCOMPARE(names_of(project), (Names{"DPT", "DPT_3", "DPT_2", "SFT"}));
  }

  void movesWithTheSchedule() {
    Project project = project_of({"DPT", "SFT", "DFT"}, {"DPT", "DFT"});
    move_stage(project, 2, 0);
    QCOMPARE(names_of(project), (Names{"DFT", "DPT", "SFT"}));
    QCOMPARE(project.schedule, (Names{"DFT", "DPT"}));
    move_stage(project, 0, 9);
    QCOMPARE(names_of(project), (Names{"DFT", "DPT", "SFT"}));
    // Written by hand: a stage that comes twice stays where it was put.
    project.schedule = {"SFT", "DPT", "SFT"};
    move_stage(project, 0, 2);
    QCOMPARE(project.schedule, (Names{"SFT", "DPT", "SFT"}));
  }

  void runsAndLeavesOut() {
    Project project = project_of({"DPT", "SFT", "DFT"});
    schedule_stage(project, "SFT", false);
    QCOMPARE(project.schedule, (Names{"DPT", "DFT"}));
    schedule_stage(project, "SFT", true);
    QVERIFY(project.schedule.empty());  // all of them
    schedule_stage(project, "SFT", false);
    schedule_stage(project, "DPT", false);
    schedule_stage(project, "DFT", false);  // an empty schedule would mean all stages: one has to stay
    QCOMPARE(project.schedule, Names{"DFT"});
    schedule_stage(project, "DPT", true);
    QCOMPARE(project.schedule, (Names{"DPT", "DFT"}));
    schedule_stage(project, "none", true);
    QCOMPARE(project.schedule, (Names{"DPT", "DFT"}));
  }

  /// An order that was written by hand stays, and so does a stage that comes twice.
  void keepsAScheduleOfItsOwn() {
    Project project = project_of({"DPT", "SFT", "DFT"}, {"SFT", "DPT", "SFT"});
    schedule_stage(project, "DFT", true);
    QCOMPARE(project.schedule, (Names{"SFT", "DPT", "SFT", "DFT"}));
    schedule_stage(project, "DPT", false);
    QCOMPARE(project.schedule, (Names{"SFT", "SFT", "DFT"}));
  }

  void renamesInTheScheduleToo() {
    Project project = project_of({"DPT", "SFT"}, {"SFT"});
    rename_stage(project, 1, "tuned");
    QCOMPARE(names_of(project), (Names{"DPT", "tuned"}));
    QCOMPARE(project.schedule, Names{"tuned"});
    QVERIFY(!stage_name_fault(project, 0, "tuned").empty());
    QVERIFY(!stage_name_fault(project, 0, "").empty());
    QVERIFY(!stage_name_fault(project, 0, "a b").empty());
    QVERIFY(stage_name_fault(project, 0, "DPT").empty());
    QVERIFY_THROWS_EXCEPTION(UserError, rename_stage(project, 0, "tuned"));
  }

  void removes() {
    Project project = project_of({"DPT", "SFT"}, {"SFT"});
    remove_stage(project, 0);
    QCOMPARE(project.schedule, Names{"SFT"});
    remove_stage(project, 0);
    QVERIFY(project.stages.empty() && project.schedule.empty());
    remove_stage(project, 0);
    QVERIFY(is_scheduled(project, "any"));
  }
};

QTEST_GUILESS_MAIN(TestStageList)
#include "tst_stage_list.moc"
