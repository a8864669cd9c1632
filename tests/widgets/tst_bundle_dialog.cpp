// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCheckBox>
#include <QComboBox>
#include <QLineEdit>
#include <QPointer>
#include <QProgressBar>
#include <QPushButton>
#include <QTest>

#include "listed_runs.h"
#include "widgets/pages/runs/bundle_dialog.h"
#include "widgets/pages/runs/run_details.h"
#include "widgets/run/run_verifier.h"
#include "widgets/run/run_watcher.h"
#include "widgets/theme/parts.h"

using namespace llavakd;

namespace {

// What stands in for the engine.
void writeBundlingEngine(const QString& folder, const char* answer) {
  QDir().mkpath(folder);
  QFile program(folder + QStringLiteral("/llavakd"));
  QVERIFY(program.open(QIODevice::WriteOnly));
  program.write("#!/bin/sh\n");
  program.write(answer);
  program.close();
  QVERIFY(program.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner));
  qputenv("PATH", folder.toUtf8() + ":" + qgetenv("PATH"));
}

RunRow bundledRow(const QString& folder, RunState state = RunState::finished) {
  RunRow row;
  row.folder = folder;
  row.name = QStringLiteral("one");
  row.belongs = true;
  row.state = state;
  return row;
}

}  // namespace

/// The dialog that makes a folder of a run for others.
class BundleDialogTest : public QObject {
  Q_OBJECT

  struct Opened {
    explicit Opened(const MadeProject& made) : folder(writeListedRun(made, {.id = "one"})) {
      writeListedCheckpoint(folder, "DPT-4", 200'000);
      dialog = new BundleDialog(bundledRow(folder));
      dialog->show();
    }
    ~Opened() { delete dialog; }
    template <class Widget>
    Widget* part(const char* name) const {
      return dialog->findChild<Widget*>(QLatin1String(name));
    }
    QString message() const {
      const auto* shown = dialog->findChild<InlineMessage*>();
      return shown->isVisible() ? shown->text() : QString();
    }
    void click(const char* name) const { QTest::mouseClick(part<QPushButton>(name), Qt::LeftButton); }
    QString folder;
    QPointer<BundleDialog> dialog;
  };

 private Q_SLOTS:
  void initTestCase() { theme::apply(*qApp, theme::Appearance::light); }

  void saysWhatIsInIt() {
    MadeProject made;
    const Opened opened(made);
    QTRY_VERIFY(opened.part<TextLabel>("bundleContents")->text().contains(QStringLiteral("record")));
    const QString without = opened.part<TextLabel>("bundleSize")->text();
    opened.part<QComboBox>("bundleWeights")->setCurrentIndex(2);
    QVERIFY(without != opened.part<TextLabel>("bundleSize")->text());
    QCOMPARE(QDir::cleanPath(opened.part<QLineEdit>("bundlePath")->text()),
             QFileInfo(made.file()).absolutePath() + QStringLiteral("/one.bundle"));
    opened.part<QLineEdit>("bundlePath")->clear();
    QVERIFY(!opened.part<QPushButton>("writeBundle")->isEnabled());
  }

  void writesWhatWasAskedFor() {
    MadeProject made;
    const Opened opened(made);
    const QString said = made.path(QStringLiteral("said"));
    writeBundlingEngine(made.path(QStringLiteral("bin")),
                        ("echo \"$@\" >'" + said.toStdString() +
                         "'\necho '{\"folder\": \"/x/one.bundle\", \"files\": 12, \"bytes\": 3000000}'\n")
                            .c_str());
    opened.part<QComboBox>("bundleWeights")->setCurrentIndex(1);
    opened.part<QCheckBox>("bundleRedact")->setChecked(true);
    opened.part<QLineEdit>("bundlePath")->setText(made.path(QStringLiteral("mine")));
    opened.click("writeBundle");
    QVERIFY(opened.dialog->findChild<QProgressBar*>()->isVisible());
    QCOMPARE(opened.part<QPushButton>("closeBundle")->text(), QStringLiteral("Cancel"));
    QTRY_VERIFY2(opened.message().contains(QStringLiteral("/x/one.bundle is written: 12 files")),
                 qPrintable(opened.message()));
    QVERIFY(!opened.dialog->findChild<QProgressBar*>()->isVisible());
    QFile file(said);
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(QString::fromUtf8(file.readAll()).trimmed(),
             QStringLiteral("bundle %1 --out %2 --weights student --json --redact")
                 .arg(opened.folder, made.path(QStringLiteral("mine"))));
  }

  void aFailureIsToldAndCancelEndsTheProgram() {
    MadeProject made;
    const Opened opened(made);
    const QString bin = made.path(QStringLiteral("bin"));
    writeBundlingEngine(bin, "echo 'llavakd: mine is there already.' >&2\nexit 2\n");
    opened.click("writeBundle");
    QTRY_COMPARE(opened.message(), QStringLiteral("mine is there already."));
    writeBundlingEngine(bin, "exec sleep 60\n");
    opened.click("writeBundle");
    QVERIFY(!opened.part<QLineEdit>("bundlePath")->isEnabled());
    opened.click("closeBundle");
    QCOMPARE(opened.message(), QStringLiteral("Nothing was written."));
    QVERIFY(opened.part<QLineEdit>("bundlePath")->isEnabled());
    QVERIFY(opened.dialog->isVisible());
    opened.click("closeBundle");
    QTRY_VERIFY(!opened.dialog || !opened.dialog->isVisible());
  }

  void aClickOpensIt() {
    MadeProject made;
    const QString folder = writeListedRun(made, {.id = "one"});
    RunWatcher run;
    RunDetails details(RunVerifier::of(&run));
    details.resize(900, 400);
    details.show();
    details.setRun(bundledRow(folder, RunState::running));
    auto* button = details.findChild<QPushButton*>(QStringLiteral("bundleRun"));
    QVERIFY(!button->isEnabled());
    details.setRun(bundledRow(folder));
    QTest::mouseClick(button, Qt::LeftButton);
    QPointer<BundleDialog> dialog = details.findChild<BundleDialog*>();
    QVERIFY(dialog && dialog->isVisible());
    dialog->reject();
    QTRY_VERIFY(!dialog);
  }
};

QTEST_MAIN(BundleDialogTest)
#include "tst_bundle_dialog.moc"
