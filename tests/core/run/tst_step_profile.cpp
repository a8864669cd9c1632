// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "core/run/step_profile.h"

using namespace llavakd;

class TestStepProfile : public QObject {
  Q_OBJECT

  static Event step(const char* stage, double seconds, NamedNumbers phases) {
    return {0, stage, 1, 1, StepEvent{.seconds = seconds, .phases = std::move(phases)}};
  }

 private Q_SLOTS:
  void takesTheMeanOfAStage() {
    StepProfile profile;
    QVERIFY(profile.phases().empty() && !profile.lacks_phases());
    profile.add(step("DPT", 1, {{"teacher", 0.5}, {"loss", 0.5}, {"waiting", 0.0}}));
    profile.add(step("DPT", 3, {{"teacher", 1.5}, {"loss", 0.5}, {"waiting", 0.0}}));
    const auto phases = profile.phases();
    QCOMPARE(phases.size(), size_t{3});
    QCOMPARE(phases[0].name, std::string("teacher"));
    QCOMPARE(phases[0].share, 0.5);
    QCOMPARE(phases[1].seconds, 0.5);
    QCOMPARE(phases[2].name, std::string("other"));
    QCOMPARE(phases[2].share, 0.25);
    QCOMPARE(profile.seconds(), 2.0);
    QCOMPARE(profile_text(profile), std::string("teacher 50 %, loss 25 %, other 25 %"));
  }

  void beginsAnewWithAStage() {
    StepProfile profile;
    profile.add(step("DPT", 1, {{"teacher", 1.0}}));
    profile.add({0, "DPT", 1, 1, CheckpointEvent{}});
    QCOMPARE(profile.steps(), 1);
    profile.add(step("SFT", 1, {{"student", 1.0}}));
    QCOMPARE(profile.stage(), std::string("SFT"));
    QCOMPARE(profile.phases().size(), size_t{1});
    QCOMPARE(profile.phases()[0].name, std::string("student"));
  }

  void keepsTheNewest() {
    StepProfile profile;
    for (int i = 0; i < 500; ++i) profile.add(step("DPT", i < 400 ? 9 : 1, {{"loss", 1.0}}));
    QCOMPARE(profile.steps(), 50);
    QCOMPARE(profile.seconds(), 1.0);
  }

  void saysWhenEventsTellNothing() {
    StepProfile profile;
    profile.add(step("DPT", 1, {}));
    QVERIFY(profile.lacks_phases());
    profile.add(step("DPT", 1, {{"vision", -1.0}, {"teacher", NAN}}));
    QVERIFY(profile.phases().empty());
    profile.add(step("DPT", 0, {{"loss", 0.0}}));
    QVERIFY(profile.phases().empty());
    profile.add(step("DPT", NAN, {{"loss", 1.0}}));  // seconds are missing: the phases' sum
    QCOMPARE(profile.phases()[0].share, 1.0);
    profile.clear();
    QVERIFY(!profile.lacks_phases());
  }
};

QTEST_APPLESS_MAIN(TestStepProfile)
#include "tst_step_profile.moc"
