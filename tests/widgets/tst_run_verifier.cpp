// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QPushButton>
#include <QTest>

#include "core/run/run_verification.h"
#include "listed_runs.h"
#include "widgets/frame/run_strip.h"
#include "widgets/pages/runs/verification_row.h"
#include "widgets/run/run_verifier.h"
#include "widgets/run/run_watcher.h"
#include "widgets/theme/parts.h"

using namespace llavakd;

namespace {

// What stands in for the engine: writes what it was told into the run's folder, as `llavakd verify` does.
void writeVerifyingEngine(const QString& folder, const char* answer) {
  QFile program(folder + QStringLiteral("/llavakd"));
  QVERIFY(program.open(QIODevice::WriteOnly));
  program.write("#!/bin/sh\n");
  program.write(answer);
  program.close();
  QVERIFY(program.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner));
  qputenv("PATH", folder.toUtf8() + ":" + qgetenv("PATH"));
}

RunRow rowOf(const QString& folder, RunState state) {
  RunRow row;
  row.folder = folder;
  row.belongs = true;
  row.state = state;
  return row;
}

RunVerification verificationOf(const char* checkpoint, std::vector<std::string> faults = {}) {
  RunVerification found{.time = 1763978400, .version = "1", .checkpoint = checkpoint};
  found.parts.push_back({.what = "checkpoint", .name = checkpoint, .found = "4 files"});
  found.parts.push_back({.what = "replay", .found = "2 steps from DPT-2 to DPT-4", .faults = std::move(faults)});
  return found;
}

}  // namespace

/// The badge of a run, and the button that earns it.
class RunVerifierTest : public QObject {
  Q_OBJECT

  struct Shown {
    explicit Shown(const QString& folder) {
      row.setRun(rowOf(folder, RunState::finished));
      row.resize(600, 200);
      row.show();
    }
    QString badge() const {
      const auto* found = row.findChild<StateBadge*>(QStringLiteral("verified"));
      return found->isVisible() ? found->text() : QString();
    }
    QString facts() const { return row.findChild<TextLabel*>(QStringLiteral("verifiedFacts"))->text(); }
    QPushButton* button() const { return row.findChild<QPushButton*>(QStringLiteral("verify")); }
    RunWatcher run;
    VerificationRow row{RunVerifier::of(&run)};
  };

 private Q_SLOTS:
  void initTestCase() { theme::apply(*qApp, theme::Appearance::light); }

  void tellsWhatWasFoundBefore() {
    MadeProject made;
    const QString folder = writeListedRun(made, {.id = "one"});
    writeListedCheckpoint(folder, "DPT-4", 10);
    Shown shown(folder);
    QTest::qWait(50);
    QCOMPARE(shown.badge(), QString());
    write_verification({toPath(folder)}, verificationOf("DPT-4"));
    Shown again(folder);
    QTRY_COMPARE(again.badge(), QStringLiteral("Verified"));
    QVERIFY(again.facts().contains(QStringLiteral("replay of 2 steps from DPT-2 to DPT-4")));
    QVERIFY(again.facts().startsWith(runTimeText(1763978400)));
    // A run that has gone on is another.
    writeListedCheckpoint(folder, "DPT-8", 10);
    Shown later(folder);
    QTRY_COMPARE(later.badge(), QStringLiteral("Verified up to DPT-4"));
    write_verification({toPath(folder)}, verificationOf("DPT-8", {"Step 4 of DPT: total is 2, was 1."}));
    Shown failed(folder);
    QTRY_COMPARE(failed.badge(), QStringLiteral("Not verified"));
    QVERIFY(failed.facts().contains(QStringLiteral("Step 4 of DPT: total is 2, was 1.")));
  }

  void aClickVerifies() {
    MadeProject made;
    const QString folder = writeListedRun(made, {.id = "one"});
    writeListedCheckpoint(folder, "DPT-4", 10);
    const QString bin = made.path(QStringLiteral("bin"));
    QDir().mkpath(bin);
    const std::string text = to_json(verificationOf("DPT-4")).dump();
    writeVerifyingEngine(bin, ("[ \"$1\" = verify ] || exit 1\ncat >\"$2/verified.json\" <<END\n" + text +
                               "\nEND\ncat \"$2/verified.json\"\n")
                                  .c_str());
    Shown shown(folder);
    QTRY_VERIFY(shown.button()->isEnabled());
    QTest::mouseClick(shown.button(), Qt::LeftButton);
    QCOMPARE(shown.badge(), QStringLiteral("Verifying…"));
    QCOMPARE(shown.button()->text(), QStringLiteral("Cancel"));
    QTRY_COMPARE(shown.badge(), QStringLiteral("Verified"));
    QCOMPARE(shown.button()->text(), QStringLiteral("&Verify"));
  }

  void aFailureIsToldAndAnotherClickCancels() {
    MadeProject made;
    const QString folder = writeListedRun(made, {.id = "one"});
    const QString bin = made.path(QStringLiteral("bin"));
    QDir().mkpath(bin);
    writeVerifyingEngine(bin, "echo 'llavakd: another engine is at work on this run.' >&2\nexit 2\n");
    Shown shown(folder);
    QTest::mouseClick(shown.button(), Qt::LeftButton);
    QTRY_COMPARE(shown.facts(), QStringLiteral("another engine is at work on this run."));
    writeVerifyingEngine(bin, "exec sleep 60\n");
    QTest::mouseClick(shown.button(), Qt::LeftButton);
    QCOMPARE(shown.badge(), QStringLiteral("Verifying…"));
    QTest::mouseClick(shown.button(), Qt::LeftButton);
    QCOMPARE(shown.badge(), QString());
    QCOMPARE(shown.button()->text(), QStringLiteral("&Verify"));
    QCOMPARE(shown.facts(), QString());
  }

  void aRunAtWorkIsLeftAlone() {
    MadeProject made;
    const QString folder = writeListedRun(made, {.id = "one"});
    Shown shown(folder);
    shown.row.setRun(rowOf(folder, RunState::running));
    QVERIFY(!shown.button()->isEnabled());
    QVERIFY(shown.button()->toolTip().contains(QStringLiteral("at work")));
  }

  void theStripHasTheBadge() {
    MadeProject made;
    const QString folder = writeListedRun(made, {.id = "one"});
    writeListedCheckpoint(folder, "DPT-4", 10);
    write_verification({toPath(folder)}, verificationOf("DPT-4"));
    ProjectDocument document;
    RunWatcher run;
    RunStrip strip(&document, &run);
    strip.resize(1400, 56);
    strip.show();
    QVERIFY(made.open(document));
    run.setProjectFile(made.file());
    auto* badge = strip.findChild<StateBadge*>(QStringLiteral("verified"));
    QTRY_VERIFY(badge->isVisible());
    QCOMPARE(badge->text(), QStringLiteral("Verified"));
    QVERIFY(badge->toolTip().contains(QStringLiteral("replay of 2 steps")));
  }
};

QTEST_MAIN(RunVerifierTest)
#include "tst_run_verifier.moc"
