// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "core/project/stage_terms.h"

using namespace llavakd;

class TestStageTerms : public QObject {
  Q_OBJECT

  static Project project_with(std::vector<TermOptions> terms) {
    Project project;
    project.stages = {{.name = "A"}, {.name = "B"}};
    project.stages[1].terms = std::move(terms);
    return project;
  }

 private Q_SLOTS:
  void aStageDistilsWithATermThatIsOn_data() {
    QTest::addColumn<QString>("term");
    QTest::addColumn<double>("weight");
    QTest::addColumn<bool>("has");
    QTest::addColumn<bool>("teacher");
    QTest::newRow("labels") << "ce" << 1.0 << true << false;
    QTest::newRow("labels off") << "ce" << 0.0 << false << false;
    for (const char* term : {"mdist_response", "mdist_visual", "rdist"}) {
      QTest::addRow("%s", term) << term << 0.5 << true << true;
      QTest::addRow("%s off", term) << term << 0.0 << false << false;
    }
  }
  void aStageDistilsWithATermThatIsOn() {
    QFETCH(const QString, term);
    QFETCH(const double, weight);
    const Project project = project_with({{.term = term.toStdString(), .weight = weight}});
    QTEST(has_loss(project.stages[1]), "has");
    QTEST(distils(project.stages[1]), "teacher");
    QTEST(distils(project.stages), "teacher");
    QTEST(opens_teacher(project), "teacher");
  }

  void aStageWithoutTermsHasNoLoss() {
    const Project project = project_with({});
    QVERIFY(!has_loss(project.stages[1]) && !distils(project.stages[1]));
  }

  void onlyScheduledStagesOpenTheTeacher() {
    Project project = project_with({{.term = "rdist"}});
    project.schedule = {"A"};
    QVERIFY(!opens_teacher(project));
  }

  void probesOpenATeacherThatIsChosen() {
    Project project = project_with({{.term = "ce"}});
    project.probes = {{}};
    QVERIFY(!opens_teacher(project));
    project.teacher.checkpoint = "teacher";
    QVERIFY(opens_teacher(project));
    project.probes.clear();
    QVERIFY(!opens_teacher(project));
  }
};

QTEST_APPLESS_MAIN(TestStageTerms)
#include "tst_stage_terms.moc"
