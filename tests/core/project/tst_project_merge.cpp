// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include "core/project/project_merge.h"

using namespace llavakd;

namespace {

Project base_project() {
  Project project;
  project.name = "base";
  for (const char* name : {"DPT", "SFT"}) {
    StageOptions stage;
    stage.name = name;
    stage.terms = {{.term = "ce"}, {.term = "rdist", .weight = 0.5}};
    project.stages.push_back(stage);
  }
  return project;
}

std::vector<std::string> options_of(const std::vector<ProjectDifference>& differences) {
  std::vector<std::string> options;
  for (const auto& difference : differences) options.push_back(difference.option);
  return options;
}

}  // namespace

class TestProjectMerge : public QObject {
  Q_OBJECT
  using Names = std::vector<std::string>;

 private Q_SLOTS:
  void namesWhatDiffers() {
    const Project base = base_project();
    QVERIFY(project_differences(base, base).empty());
    Project other = base;
    other.run.seed = 77;
    other.stages[1].terms[1].weight = 0.7;
    other.stages[0].train = {"connector", "tower"};
    const auto differences = project_differences(base, other);
    QCOMPARE(options_of(differences), (Names{"stages.DPT.train", "stages.SFT.terms.rdist.weight", "run.seed"}));
    QVERIFY(differences[1].was == 0.5 && differences[1].is == 0.7);
  }

  void namesStagesAsAWhole() {
    const Project base = base_project();
    Project other = base;
    other.stages.erase(other.stages.begin());
    other.stages.push_back(base.stages[0]);
    other.stages.back().name = "DFT";
    QCOMPARE(options_of(project_differences(base, other)), (Names{"stages.DPT", "stages.DFT"}));
    other = base;
    std::swap(other.stages[0], other.stages[1]);
    QCOMPARE(options_of(project_differences(base, other)), (Names{"stages"}));
  }

  void putsChangesOfDifferentOptionsTogether() {
    const Project base = base_project();
    Project mine = base, theirs = base;
    mine.stages[0].learning_rate = 0.5;
    mine.stages[1].terms.push_back({.term = "mdist_response"});
    theirs.stages[0].epochs = 3;
    theirs.run.seed = 77;
    theirs.notes = "by hand";
    StageOptions more = base.stages[0];
    more.name = "DFT";
    theirs.stages.push_back(more);
    const MergedProject merged = merge_projects(base, mine, theirs);
    QVERIFY(merged.conflicts.empty());
    Project expected = mine;
    expected.stages[0].epochs = 3;
    expected.run.seed = 77;
    expected.notes = "by hand";
    expected.stages.push_back(more);
    QVERIFY(merged.project == expected);
    QVERIFY(merge_projects(base, theirs, theirs).project == theirs);
    QVERIFY(merge_projects(base, base, theirs).project == theirs);
  }

  void namesWhatBothChanged() {
    const Project base = base_project();
    Project mine = base, theirs = base;
    mine.run.seed = 1;
    theirs.run.seed = 2;
    theirs.notes = "theirs";
    MergedProject merged = merge_projects(base, mine, theirs);
    QCOMPARE(merged.conflicts, (Names{"run.seed"}));
    QCOMPARE(merged.project.run.seed, int64_t(1));
    QCOMPARE(merged.project.notes, std::string("theirs"));
    // One removed the stage that the other changed.
    mine = theirs = base;
    mine.stages.pop_back();
    theirs.stages[1].epochs = 9;
    QCOMPARE(merge_projects(base, mine, theirs).conflicts, (Names{"stages.SFT"}));
  }

  /// One renames a stage, the other schedules it by its old name: together that is no project.
  void refusesWhatWouldBeNoProject() {
    const Project base = base_project();
    Project mine = base, theirs = base;
    mine.stages[1].name = "tuned";
    theirs.schedule = {"SFT"};
    const MergedProject merged = merge_projects(base, mine, theirs);
    QCOMPARE(merged.conflicts, (Names{"stages"}));
    QVERIFY(merged.project == mine);
  }
};

QTEST_GUILESS_MAIN(TestProjectMerge)
#include "tst_project_merge.moc"
