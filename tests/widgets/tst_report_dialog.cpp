// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCheckBox>
#include <QDesktopServices>
#include <QLineEdit>
#include <QPointer>
#include <QProgressBar>
#include <QPushButton>
#include <QTest>
#include <QUrl>

#include "listed_runs.h"
#include "widgets/pages/runs/report_dialog.h"
#include "widgets/pages/runs/run_comparison.h"
#include "widgets/pages/runs/run_details.h"
#include "widgets/run/run_verifier.h"
#include "widgets/run/run_watcher.h"
#include "widgets/theme/parts.h"

using namespace llavakd;

namespace {

// What stands in for the engine.
void writeReportingEngine(const QString& folder, const QByteArray& answer) {
  QDir().mkpath(folder);
  QFile program(folder + QStringLiteral("/llavakd"));
  QVERIFY(program.open(QIODevice::WriteOnly));
  program.write("#!/bin/sh\n" + answer);
  program.close();
  QVERIFY(program.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner));
  qputenv("PATH", folder.toUtf8() + ":" + qgetenv("PATH"));
}

RunRow reportedRow(const QString& folder, const char* name) {
  RunRow row;
  row.folder = folder;
  row.name = QLatin1String(name);
  row.belongs = true;
  row.state = RunState::finished;
  return row;
}

}  // namespace

/// The dialog that writes a page of runs.
class ReportDialogTest : public QObject {
  Q_OBJECT

  QList<QUrl> m_shown;

  template <class Widget>
  static Widget* part(const QWidget* dialog, const char* name) {
    return dialog->findChild<Widget*>(QLatin1String(name));
  }
  static QString messageOf(const QWidget* dialog) {
    const auto* shown = dialog->findChild<InlineMessage*>();
    return shown->isVisible() ? shown->text() : QString();
  }

 public Q_SLOTS:
  void show(const QUrl& url) { m_shown << url; }

 private Q_SLOTS:
  void initTestCase() {
    theme::apply(*qApp, theme::Appearance::light);
    QDesktopServices::setUrlHandler(QStringLiteral("file"), this, "show");
  }

  void cleanupTestCase() { QDesktopServices::unsetUrlHandler(QStringLiteral("file")); }

  void writesOneOfAllThatWereChosenAndShowsIt() {
    MadeProject made;
    const QString one = writeListedRun(made, {.id = "one"}), two = writeListedRun(made, {.id = "two"});
    QPointer<ReportDialog> dialog = new ReportDialog({reportedRow(one, "one"), reportedRow(two, "two")});
    dialog->show();
    auto* path = part<QLineEdit>(dialog, "reportPath");
    QCOMPARE(QDir::cleanPath(path->text()), QFileInfo(made.file()).absolutePath() + QStringLiteral("/runs.report"));
    path->clear();
    QVERIFY(!part<QPushButton>(dialog, "writeReport")->isEnabled());
    path->setText(made.path(QStringLiteral("mine")));
    part<QCheckBox>(dialog, "reportRedact")->setChecked(true);
    const QString said = made.path(QStringLiteral("said"));
    writeReportingEngine(
        made.path(QStringLiteral("bin")),
        "echo \"$@\" >'" + said.toUtf8() + "'\necho '{\"folder\": \"/x/mine\", \"files\": 12, \"bytes\": 3000000}'\n");
    QTest::mouseClick(part<QPushButton>(dialog, "writeReport"), Qt::LeftButton);
    QVERIFY(dialog->findChild<QProgressBar*>()->isVisible());
    QTRY_VERIFY2(messageOf(dialog).contains(QStringLiteral("/x/mine is written: 12 files")),
                 qPrintable(messageOf(dialog)));
    QCOMPARE(m_shown, QList<QUrl>{QUrl::fromLocalFile(QStringLiteral("/x/mine"))});
    QFile file(said);
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(QString::fromUtf8(file.readAll()).trimmed(),
             QStringLiteral("report %1 %2 --out %3 --json --redact").arg(one, two, made.path(QStringLiteral("mine"))));
    delete dialog;
  }

  void aFailureIsToldAndCancelEndsTheProgram() {
    MadeProject made;
    QPointer<ReportDialog> dialog = new ReportDialog({reportedRow(writeListedRun(made, {.id = "one"}), "one")});
    dialog->show();
    const QString bin = made.path(QStringLiteral("bin"));
    writeReportingEngine(bin, "echo 'llavakd: mine holds no report.' >&2\nexit 2\n");
    QTest::mouseClick(part<QPushButton>(dialog, "writeReport"), Qt::LeftButton);
    QTRY_COMPARE(messageOf(dialog), QStringLiteral("mine holds no report."));
    writeReportingEngine(bin, "exec sleep 60\n");
    QTest::mouseClick(part<QPushButton>(dialog, "writeReport"), Qt::LeftButton);
    QVERIFY(!part<QLineEdit>(dialog, "reportPath")->isEnabled());
    QTest::mouseClick(part<QPushButton>(dialog, "closeReport"), Qt::LeftButton);
    QCOMPARE(messageOf(dialog), QStringLiteral("Nothing was written."));
    QTest::mouseClick(part<QPushButton>(dialog, "closeReport"), Qt::LeftButton);
    QTRY_VERIFY(!dialog || !dialog->isVisible());
  }

  void aClickOpensItForOneRunAndForSeveral() {
    MadeProject made;
    const RunRow one = reportedRow(writeListedRun(made, {.id = "one"}), "one");
    RunRow two = reportedRow(writeListedRun(made, {.id = "two"}), "two");
    RunWatcher run;
    RunDetails details(RunVerifier::of(&run));
    details.resize(900, 400);
    details.show();
    details.setRun(one);
    QTest::mouseClick(part<QPushButton>(&details, "reportRun"), Qt::LeftButton);
    QPointer<ReportDialog> dialog = details.findChild<ReportDialog*>();
    QVERIFY(dialog && dialog->windowTitle().contains(QStringLiteral("one")));
    dialog->reject();
    RunComparison comparison;
    comparison.show();
    comparison.setRuns({one, two});
    QTest::mouseClick(part<QPushButton>(&comparison, "reportRuns"), Qt::LeftButton);
    dialog = comparison.findChild<ReportDialog*>();
    QVERIFY(dialog && dialog->windowTitle().contains(QStringLiteral("2")));
    dialog->reject();
    two.fault = QStringLiteral("run.json is damaged.");
    comparison.setRuns({one, two});
    QVERIFY(!part<QPushButton>(&comparison, "reportRuns")->isEnabled());
  }
};

QTEST_MAIN(ReportDialogTest)
#include "tst_report_dialog.moc"
