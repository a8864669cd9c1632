// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include "core/run/retention.h"

using namespace llavakd;

namespace {

/// Six checkpoints within stage 1, of these mean losses, after the end of stage 0.
std::vector<RunCheckpoint> six() {
  std::vector<RunCheckpoint> list{{.name = "DPT-100", .step = 100, .stage_done = true}};
  const double totals[] = {3, 1, 2, NAN, 2, 4};
  for (int64_t i = 1; i <= 6; ++i)
    list.push_back({.name = "SFT-" + std::to_string(100 + 10 * i),
                    .stage = "SFT",
                    .step = 100 + 10 * i,
                    .stage_index = 1,
                    .stage_step = 10 * i,
                    .mean_total = totals[i - 1]});
  list.back().newest = true;
  return list;
}

std::string removed(const std::vector<RunCheckpoint>& checkpoints, const RetentionRules& rules) {
  std::string names;
  for (const RunCheckpoint& checkpoint : surplus_checkpoints(checkpoints, 1, rules))
    names += (names.empty() ? "" : " ") + std::to_string(checkpoint.stage_step);
  return names;
}

}  // namespace

class TestRetention : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void theNewestStay() {
    QCOMPARE(removed(six(), {.last = 2}), "10 20 30 40");
    QCOMPARE(removed(six(), {.last = 6}), "");
    QCOMPARE(removed(six(), {.last = 0}), "10 20 30 40 50");  // one always
    QCOMPARE(removed({}, {}), "");
  }

  void oneEverySoManyStepsStays() { QCOMPARE(removed(six(), {.last = 1, .every = 20}), "10 30 50"); }

  /// Of equal ones the older; what says nothing of its loss is none of the best.
  void theBestStay() {
    QCOMPARE(removed(six(), {.last = 1, .best = 1}), "10 30 40 50");
    QCOMPARE(removed(six(), {.last = 1, .best = 2}), "10 40 50");
    QCOMPARE(removed(six(), {.last = 1, .every = 10, .best = 9}), "");
  }

  void pinnedAndNewestOnesStay() {
    auto checkpoints = six();
    checkpoints[1].pinned = true;
    QCOMPARE(removed(checkpoints, {.last = 2}), "20 30 40");
    checkpoints.back().newest = false;  // `latest` names an older one
    checkpoints[2].newest = true;
    QCOMPARE(removed(checkpoints, {.last = 1}), "30 40 50");
  }

  void otherStagesAreLeftAlone() {
    auto checkpoints = six();
    for (RunCheckpoint& checkpoint : checkpoints) checkpoint.stage_index = 0;
    QCOMPARE(removed(checkpoints, {.last = 1}), "");
  }

  /// Each stage by itself; ends of stages, pinned ones and the newest stay.
  void allStagesOfARun() {
    std::vector<RunCheckpoint> checkpoints;
    for (const char* stage : {"DPT", "SFT"})
      for (int64_t i = 1; i <= 4; ++i)
        checkpoints.push_back({.name = stage + std::to_string(i),
                               .stage = stage,
                               .stage_index = stage == std::string("SFT") ? 1 : 0,
                               .stage_step = 10 * i,
                               .stage_done = i == 4});
    checkpoints[0].pinned = true;
    checkpoints.back().newest = true;
    std::string names;
    for (const RunCheckpoint& checkpoint : surplus_checkpoints(checkpoints, RetentionRules{.last = 1}))
      names += checkpoint.name + " ";
    QCOMPARE(names, "DPT2 SFT1 SFT2 ");
  }

  void aProjectsOptionsAreTheRules() {
    const RetentionRules rules =
        retention_rules({.keep_checkpoints = 4, .keep_checkpoints_every = 500, .keep_best_checkpoints = 2});
    QCOMPARE(rules.last, int64_t{4});
    QCOMPARE(rules.every, int64_t{500});
    QCOMPARE(rules.best, int64_t{2});
  }
};

QTEST_APPLESS_MAIN(TestRetention)
#include "tst_retention.moc"
