// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCheckBox>
#include <QLabel>
#include <QTest>
#include <QToolButton>

#include "core/data/dataset.h"
#include "core/project/visitors.h"
#include "core/run/event_log.h"
#include "core/run/run_folder.h"
#include "made_project.h"
#include "widgets/pages/stages/data_facts.h"
#include "widgets/pages/stages/stage_card.h"
#include "widgets/pages/stages/stage_data.h"
#include "widgets/pages/stages/stages_page.h"
#include "widgets/pages/stages/term_row.h"
#include "widgets/run/project_check.h"
#include "widgets/run/run_watcher.h"
#include "widgets/theme/parts.h"

using namespace llavakd;

/// What the Stages page finds out of its stages: what they lack, hold and take.
class StagesFindingsTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void saysWhatAStageLacks() {
    MadeProject made;
    ProjectDocument document;
    RunWatcher run;
    StagesPage page(&document, &run);
    QVERIFY(made.open(document));
    page.show();
    QVERIFY(!page.message()->isVisible());
    page.cards()[0]->terms().back()->toggle()->click();  // distils, but there is no teacher
    QVERIFY(page.message()->isVisible());
    QVERIFY(page.message()->text().contains(QStringLiteral("teacher")));
    document.undoStack()->undo();
    QVERIFY(!page.message()->isVisible());
    page.cards()[0]->chip("connector")->click();
    QVERIFY(page.message()->text().contains(QStringLiteral("trains no part")));
  }

  /// What a stage lacks that isn't in the run keeps nothing from running.
  void saysNothingOfStagesThatAreLeftOut() {
    MadeProject made;
    ProjectDocument document;
    RunWatcher run;
    StagesPage page(&document, &run);
    QVERIFY(made.open(document));
    page.show();
    page.cards()[0]->chip("connector")->click();
    QVERIFY(page.message()->isVisible());
    page.cards()[0]->scheduled()->click();
    QVERIFY(!page.message()->isVisible());
    page.cards()[0]->scheduled()->click();
    QVERIFY(page.message()->text().contains(QStringLiteral("trains no part")));
  }

  /// A weight of 0 switches a term off, for the page as for the engine.
  void aTermOfWeightZeroNeedsNoTeacher() {
    MadeProject made;
    ProjectDocument document;
    RunWatcher run;
    StagesPage page(&document, &run);
    QVERIFY(made.open(document));
    page.show();
    page.cards()[0]->terms().back()->toggle()->click();
    QVERIFY(page.message()->text().contains(QStringLiteral("teacher")));
    const auto switchOff = [&](bool all) {
      document.edit(QStringLiteral("weigh"), [&](Project& project) {
        for (TermOptions& each : project.stages[0].terms)
          if (all || each.term != "ce") each.weight = 0;
      });
    };
    switchOff(false);
    QVERIFY(!page.message()->isVisible());
    switchOff(true);
    QVERIFY(page.message()->text().contains(QStringLiteral("has no term")));
  }

  /// While a run may go on, the page says where that run has other values.
  void saysWhatTheRunHasInstead() {
    MadeProject made;
    const RunFolder folder = create_run(toPath(made.file()), "first");
    RunInfo info;
    info.id = "first";
    info.status = "stopped";
    info.started = 1763978400;
    const Project project = load_project(toPath(made.file()));
    info.project = to_json(project);
    info.project_id = project_id_of(toPath(made.file()));
    info.project_file = made.file().toStdString();
    write_run_info(folder, info);
    EventLog log(folder.events());
    log.append({1, "", 0, 0, RunStartedEvent{.stages = {{"DPT", 9}}}});
    log.append({1, "DPT", 2, 2, CheckpointEvent{.path = "checkpoints/DPT-2"}});
    ProjectDocument document;
    RunWatcher run;
    StagesPage page(&document, &run);
    QVERIFY(made.open(document));
    page.show();
    run.setProjectFile(made.file());
    QTRY_COMPARE(run.state(), RunState::stopped);
    QTRY_VERIFY(canGoOn(run.progress()));
    QVERIFY(!page.runMessage()->isVisible());
    document.edit(QStringLiteral("rate"), [](Project& edited) { edited.stages[0].learning_rate = 0.5; });
    QVERIFY(page.runMessage()->isVisible());
    QVERIFY2(page.runMessage()->text().contains(QStringLiteral("DPT learning_rate 0.001 (here 0.5)")),
             qPrintable(page.runMessage()->text()));
    document.undoStack()->undo();
    QVERIFY(!page.runMessage()->isVisible());
  }

  /// What `check` says of a stage's data stands on its card, and goes with its cause.
  void saysWhatTheCheckFindsInTheData() {
    MadeProject made;
    made.write(QStringLiteral("llavakd"),
               "#!/bin/sh\nlevel=amber\ncase \"$(cat)\" in *'\"notes\": \"mended\"'*) level=green;; esac\n"
               "printf '{\"items\":[{\"name\":\"Data of SFT\",\"level\":\"%s\",\"finding\":\"2 samples, 2 steps; "
               "1 is not used\",\"remedy\":\"It is left out.\"}]}' $level\n");
    QFile(made.path(QStringLiteral("llavakd"))).setPermissions(QFile::ReadOwner | QFile::ExeOwner);
    const QByteArray path = qgetenv("PATH");
    qputenv("PATH", QFile::encodeName(made.path(QString())) + ':' + path);
    ProjectDocument document;
    RunWatcher run;
    StagesPage page(&document, &run);
    const bool opened = made.open(document);
    const auto cards = [&](const QString& text) {
      int found = 0;
      for (const auto* label : page.findChildren<QLabel*>()) found += label->text() == text;
      return found;
    };
    const QString finding = QStringLiteral("2 samples, 2 steps; 1 is not used"),
                  plain = QStringLiteral("2 samples, 1 with a picture");
    const bool said = QTest::qWaitFor([&] { return cards(finding) == 1 && cards(plain) == 2; });
    document.edit(QStringLiteral("mend"), [](Project& project) { project.notes = "mended"; });
    const bool gone = QTest::qWaitFor([&] { return cards(finding) == 0 && cards(plain) == 3; });
    qputenv("PATH", path);
    QVERIFY(opened && said && gone);
    QTRY_VERIFY(!ProjectCheck::of(&document)->isRunning());
    QCOMPARE(cards(plain), 3);
  }

  /// The card's foot says what the stage will take, and data that change on disk are counted again.
  void saysWhatAStageTakes() {
    MadeProject made;
    made.write(QStringLiteral("llavakd"),
               "#!/bin/sh\ncat >/dev/null\nprintf '{\"items\":[],\"estimates\":[{\"stage\":\"SFT\",\"steps\":2,"
               "\"seconds\":120,\"memory_bytes\":2e9,\"disk_bytes\":3e8}]}'\n");
    QFile(made.path(QStringLiteral("llavakd"))).setPermissions(QFile::ReadOwner | QFile::ExeOwner);
    const QByteArray path = qgetenv("PATH");
    qputenv("PATH", QFile::encodeName(made.path(QString())) + ':' + path);
    ProjectDocument document;
    RunWatcher run;
    StagesPage page(&document, &run);
    const bool opened = made.open(document);
    const auto foot = [&](size_t card) {
      return page.cards()[card]->findChild<QLabel*>(QStringLiteral("estimate"))->text();
    };
    const bool said = opened && QTest::qWaitFor([&] { return foot(1).contains(QStringLiteral("about 2 min")); });
    qputenv("PATH", path);
    QVERIFY(opened && said);
    QVERIFY(foot(0).isEmpty());
    QTRY_COMPARE(page.cards()[0]->data()->facts().value_or(DataFacts()).samples, int64_t(2));
    QTest::qWait(100);
    QVERIFY(QFile::remove(made.path(QStringLiteral("data.json"))));
    QTRY_VERIFY_WITH_TIMEOUT(!page.cards()[0]->data()->facts().value_or(DataFacts()).error.isEmpty(), 10000);
  }

  void countsAData() {
    MadeProject made;
    const DataFacts facts =
        readDataFacts(made.path(QStringLiteral("data.json")), made.path(QStringLiteral("pictures")));
    QCOMPARE(facts.samples, int64_t(2));
    QCOMPARE(facts.withImage, int64_t(1));
    QCOMPARE(facts.firstImage, made.path(QStringLiteral("pictures/a.png")));
    QVERIFY(facts.error.isEmpty());
  }

  void countsAsARunDoes() {
    MadeProject made;
    made.write(QStringLiteral("some.jsonl"),
               "{\"id\": 1, \"image\": [\"a.png\", \"b.png\"], \"conversations\": [{\"from\": \"human\", \"value\": "
               "\"<image>1\"}, {\"from\": \"gpt\", \"value\": \"a\"}, {\"from\": \"human\", \"value\": \"<image>2\"}, "
               "{\"from\": \"gpt\", \"value\": \"b\"}]}\n{\"id\": 2}\n{\"id\": 3, \"conversations\": [{\"from\": "
               "\"human\", \"value\": \"q\"}, {\"from\": \"gpt\", \"value\": \"a\"}]}\n");
    const QString file = made.path(QStringLiteral("some.jsonl"));
    const DataFacts facts = readDataFacts(file, made.path(QString()));
    const auto data = open_dataset(toPath(file));
    QCOMPARE(facts.samples, data->size());
    QCOMPARE(facts.samples, int64_t(2));
    QCOMPARE(facts.withImage, int64_t(1));
    QCOMPARE(facts.leftOut, int64_t(data->faults().size()));
    QVERIFY(facts.firstFault.contains(QStringLiteral("line 2")));
  }

  void refusesWhatIsNoData_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("object") << QByteArray("{\"a\": [1]}");
    QTest::newRow("scalar") << QByteArray("7");
    QTest::newRow("cut off") << QByteArray("[{\"id\": ");
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("deep") << QByteArray(100000, '[');
  }
  void refusesWhatIsNoData() {
    QFETCH(QByteArray, text);
    MadeProject made;
    made.write(QStringLiteral("bad.json"), text);
    QVERIFY(!readDataFacts(made.path(QStringLiteral("bad.json")), QString()).error.isEmpty());
    QVERIFY(!readDataFacts(made.path(QStringLiteral("none.json")), QString()).error.isEmpty());
  }
};

QTEST_MAIN(StagesFindingsTest)
#include "tst_stages_findings.moc"
