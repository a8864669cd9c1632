// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "core/base/errors.h"
#include "core/project/arms.h"

using namespace llavakd;

class TestArms : public QObject {
  Q_OBJECT

  static Project project_with(const std::vector<std::string>& names) {
    Project project;
    for (const std::string& name : names) project.stages.push_back({.name = name});
    return project;
  }

 private Q_SLOTS:
  void readsArms() {
    const Project project = project_with({"PT", "DPT", "SFT", "DFT"});
    const auto arms = parse_arms(project, "PT-SFT, DPT-SFT-DFT ,PT-SFT");
    QCOMPARE(arms.size(), size_t(2));
    QCOMPARE(arms[1].name, std::string("DPT-SFT-DFT"));
    QCOMPARE(arms[1].stages, (std::vector<std::string>{"DPT", "SFT", "DFT"}));
    for (const char* wrong : {"", "PT-XFT", "PT,", "PT SFT", "PT-"})
      QVERIFY_THROWS_EXCEPTION(UserError, parse_arms(project, wrong));
    QVERIFY_THROWS_EXCEPTION(UserError, parse_arms({}, "PT"));
  }

  /// A stage's name may hold the dash that joins them.
  void triesAllWaysToReadAName() {
    QCOMPARE(parse_arms(project_with({"PT-a", "SFT"}), "PT-a-SFT")[0].stages,
             (std::vector<std::string>{"PT-a", "SFT"}));
    QCOMPARE(parse_arms(project_with({"PT", "PT-a", "SFT"}), "PT-a-SFT")[0].stages,
             (std::vector<std::string>{"PT-a", "SFT"}));
  }

  void readsSeeds() {
    QCOMPARE(parse_seeds("0,7, 7"), (std::vector<int64_t>{0, 7}));
    for (const char* wrong : {"", "1,", "-1", "x", "1.5"}) QVERIFY_THROWS_EXCEPTION(UserError, parse_seeds(wrong));
  }
};

QTEST_GUILESS_MAIN(TestArms)
#include "tst_arms.moc"
