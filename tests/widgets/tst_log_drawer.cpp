// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QApplication>
#include <QClipboard>
#include <QFile>
#include <QLineEdit>
#include <QLocale>
#include <QTest>
#include <QToolButton>
#include <QTreeView>

#include "core/run/run_folder.h"
#include "made_project.h"
#include "widgets/frame/log_drawer.h"
#include "widgets/run/log_line.h"
#include "widgets/run/run_watcher.h"
#include "widgets/theme/theme.h"

namespace llavakd {

namespace {

constexpr const char* logOfRun =
    "2026-11-30 16:57:48 info run_started DPT step 0 {\"run\":\"one\",\"stages\":[{\"name\":\"DPT\",\"steps\":40}]}\n"
    "2026-11-30 16:57:48 info stage_started DPT step 0 "
    "{\"steps\":40,\"samples\":400,\"train\":[\"connector\"],\"trained_parameters\":21696}\n"
    "2026-11-30 16:59:01 warning A sample is left out: emoji-0412 has no labels.\n"
    "2026-11-30 17:00:43 info checkpoint DPT step 1040 {\"path\":\"checkpoints/DPT-1040\"}\n"
    "2026-11-30 17:01:00 info eval DPT step 1040 exact_match: 58.33 %, 300 questions\n"
    "a line of somebody else\n";

}  // namespace

class LogDrawerTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates));
    theme::apply(*qApp, theme::Appearance::light);
  }

  void readsALineOfTheEngine_data() {
    QTest::addColumn<QString>("line");
    QTest::addColumn<QString>("sentence");
    QTest::addColumn<bool>("hasPlace");
    const QString at = QStringLiteral("2026-11-30 16:57:48 info ");
    QTest::newRow("start") << at + QStringLiteral(R"(run_started  step 0 {"stages":[{"name":"A b","steps":1280}]})")
                           << QStringLiteral("The run starts: A b with 1,280 steps.") << true;
    QTest::newRow("probe") << at + QStringLiteral(R"(probe DPT step 7 {"folder":"probes/DPT-7"})")
                           << QStringLiteral("Looked at the probes.") << true;
    QTest::newRow("end") << at +
                                QStringLiteral(
                                    R"(run_finished DPT step 4 {"status":"stopped","steps":4,"samples":9,"skipped":2})")
                         << QStringLiteral("The run was stopped: 4 steps, 9 samples. 2 could not be used.") << true;
    QTest::newRow("newer") << at + QStringLiteral("novelty DPT step 4 {}") << QStringLiteral("novelty DPT step 4 {}")
                           << false;
    QTest::newRow("broken") << at + QStringLiteral("checkpoint DPT step 4 {")
                            << QStringLiteral("checkpoint DPT step 4 {") << false;
    QTest::newRow("wrong") << at + QStringLiteral(R"(stage_finished DPT step 4 {"steps":"x"})")
                           << QStringLiteral(R"(stage_finished DPT step 4 {"steps":"x"})") << false;
    QTest::newRow("other") << QStringLiteral("what step 4 is") << QStringLiteral("what step 4 is") << false;
  }
  void readsALineOfTheEngine() {
    QFETCH(QString, line);
    QFETCH(QString, sentence);
    QFETCH(bool, hasPlace);
    const LogLine read = readLogLine(line);
    QCOMPARE(read.sentence, sentence);
    QCOMPARE(read.step.has_value(), hasPlace);
  }

  void showsTimePlaceAndSentence() {
    Opened opened;
    QCOMPARE(opened.text(0, 0), QStringLiteral("30 Nov 16:57:48"));
    QCOMPARE(opened.text(0, 1), QStringLiteral("DPT · step 0"));
    QCOMPARE(opened.text(0, 2), QStringLiteral("The run starts: DPT with 40 steps."));
    QVERIFY(opened.text(1, 2).contains(QStringLiteral("400 samples")));
    QCOMPARE(opened.text(3, 1), QStringLiteral("DPT · step 1,040"));
    QCOMPARE(opened.text(3, 2), QStringLiteral("The checkpoint DPT-1040 is written."));
    QCOMPARE(opened.text(4, 2), QStringLiteral("exact_match: 58.33 %, 300 questions"));
    QCOMPARE(opened.text(5, 2), QStringLiteral("a line of somebody else"));
    QCOMPARE(opened.text(5, 0), QString());
    QTest::mouseClick(opened.drawer.jsonButton(), Qt::LeftButton);
    QCOMPARE(opened.text(3, 2), QStringLiteral(R"({"path":"checkpoints/DPT-1040"})"));
    QTest::mouseClick(opened.drawer.jsonButton(), Qt::LeftButton);
    QCOMPARE(opened.text(3, 2), QStringLiteral("The checkpoint DPT-1040 is written."));
  }

  void filtersByWordsAndForWarnings() {
    Opened opened;
    QTest::keyClicks(opened.drawer.filter(), QStringLiteral("CHECKPOINT"));
    QCOMPARE(opened.rows(), 1);
    opened.drawer.filter()->clear();
    QTest::mouseClick(opened.drawer.warningsButton(), Qt::LeftButton);
    QCOMPARE(opened.rows(), 1);
    QVERIFY(opened.text(0, 2).contains(QStringLiteral("emoji-0412")));
    QTest::mouseClick(opened.drawer.warningsButton(), Qt::LeftButton);
    QCOMPARE(opened.rows(), 6);
  }

  void copiesLinesAndFollowsTheEnd() {
    Opened opened;
    opened.drawer.table()->setCurrentIndex(opened.drawer.table()->model()->index(3, 0));
    QTest::keyClick(opened.drawer.table(), Qt::Key_C, Qt::ControlModifier);
    QCOMPARE(QApplication::clipboard()->text(),
             QStringLiteral("30 Nov 17:00:43\tDPT · step 1,040\tThe checkpoint DPT-1040 is written."));
    QFile log(opened.made.path(QStringLiteral("runs/one/engine.log")));
    QVERIFY(log.open(QIODevice::Append));
    log.write("2026-11-30 17:02:00 info unpaused DPT st");
    log.close();
    QTest::qWait(300);
    QCOMPARE(opened.rows(), 6);  // half a line is none
    QVERIFY(log.open(QIODevice::Append));
    log.write("ep 1040 {}\n");
    log.close();
    QTRY_COMPARE(opened.rows(), 7);
    QCOMPARE(opened.text(6, 2), QStringLiteral("The run goes on after the pause."));
  }

 private:
  struct Opened {
    Opened() {
      const RunFolder folder = create_run(toPath(made.file()), "one");
      write_run_info(folder, {.status = "stopped"});
      made.write(QStringLiteral("runs/one/engine.log"), logOfRun);
      made.write(QStringLiteral("runs/one/events.jsonl"),
                 "{\"type\":\"run_started\",\"time\":1,\"step\":0}\n"
                 "{\"type\":\"step\",\"time\":2,\"step\":1}\n");
      drawer.resize(900, 300);
      drawer.show();
      run.setProjectFile(made.file());
      [this] {
        QTRY_COMPARE(rows(), 6);
      }();
    }
    int rows() const { return drawer.table()->model()->rowCount(); }
    QString text(int row, int column) const { return drawer.table()->model()->index(row, column).data().toString(); }
    MadeProject made;
    RunWatcher run;
    LogDrawer drawer{&run};
  };
};

}  // namespace llavakd

QTEST_MAIN(llavakd::LogDrawerTest)
#include "tst_log_drawer.moc"
