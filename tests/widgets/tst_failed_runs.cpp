// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QApplication>
#include <QFile>
#include <QPushButton>
#include <QSettings>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include "core/run/event_log.h"
#include "core/run/run_folder.h"
#include "made_run.h"
#include "opened_run.h"
#include "page_picture.h"
#include "widgets/charts/step_chart.h"
#include "widgets/document/conversions.h"
#include "widgets/document/project_document.h"
#include "widgets/pages/train/run_charts.h"
#include "widgets/pages/train/train_page.h"
#include "widgets/run/run_controller.h"
#include "widgets/run/run_watcher.h"
#include "widgets/theme/action_button.h"
#include "widgets/theme/parts.h"

namespace llavakd {

/// What the Train page says and offers where a start or a run has failed.
class FailedRunsTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    QCoreApplication::setOrganizationName(QStringLiteral("llavakd-test"));
    QSettings::setDefaultFormat(QSettings::IniFormat);
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_settings.path());
    theme::apply(*qApp, theme::Appearance::light);
    write_made_engine(toPath(m_folder.path()));
    qputenv("PATH", QFile::encodeName(m_folder.path()) + ':' + qgetenv("PATH"));
  }

  /// A failed start is no dead end: one button leads to the page where it can be mended.
  void aFailedStartLeadsToItsPage() {
    Opened opened(m_folder.filePath(QStringLiteral("mend")), {});
    QTRY_COMPARE(opened.run.state(), RunState::stopped);
    opened.document.edit(QStringLiteral("rename"), [](Project& project) { project.name = "full disk"; });
    QSignalSpy pages(&opened.page, &TrainPage::pageRequested);
    opened.controller.start();
    QPushButton* mend = nullptr;
    QTRY_VERIFY([&] {
      for (auto* button : opened.page.message()->findChildren<QPushButton*>())
        if (button->text() == QStringLiteral("Go to Project") && button->isVisible()) mend = button;
      return mend != nullptr;
    }());
    QTest::mouseClick(mend, Qt::LeftButton);
    QCOMPARE(pages.size(), 1);
    QCOMPARE(pages[0][0].toString(), QStringLiteral("project"));
    QVERIFY(!opened.page.message()->isVisible());
  }

  /// A start that fails before its first step hides nothing: the run before it is shown again, under the reason.
  void aFailedStartHidesNoRun() {
    Opened opened(m_folder.filePath(QStringLiteral("failed-start")), {});
    QTRY_COMPARE(opened.run.state(), RunState::stopped);
    QTRY_COMPARE(opened.run.runs().size(), std::size_t(1));
    opened.controller.start();
    QTRY_VERIFY(opened.page.message()->text().contains(QStringLiteral("failed before its first step")));
    QTRY_COMPARE(opened.run.state(), RunState::stopped);
    QTRY_COMPARE(opened.page.charts()->chart()->series(0).size(), std::size_t(200));
    QVERIFY(opened.page.message()->isVisible());
    takePicture(&opened.page, QStringLiteral("train-failed-start"));
  }

  /// A start that fails leaves the page as it was before: the reason is there until the project is changed, and the
  /// button to try it again.
  void aFailedStartCanBeTriedAgain() {
    const MadeRun made = make_run(toPath(m_folder.filePath(QStringLiteral("once-more"))));
    std::filesystem::remove_all(made.run_folder);
    OpenedRun opened(made);
    RunController controller(&opened.document, &opened.run);
    TrainPage page(&opened.document, &opened.run, &controller);
    page.resize(1024, 640);
    page.show();
    opened.open();
    opened.document.edit(QStringLiteral("rename"), [](Project& project) { project.name = "nothing learns"; });
    auto* start = page.findChild<ActionButton*>(QStringLiteral("emptyStart"));
    QTRY_VERIFY(start->isVisible());
    QSignalSpy pages(&page, &TrainPage::pageRequested);
    QTest::mouseClick(start, Qt::LeftButton);
    QVERIFY(!start->isEnabled());  // while the project is checked
    QTRY_VERIFY(page.message()->isVisible() &&
                page.message()->text().contains(QStringLiteral("before its first step. Stage DPT trains nothing")));
    QTRY_COMPARE(opened.run.state(), RunState::none);
    QTRY_VERIFY(start->isVisible() && start->isEnabled());
    QVERIFY(!page.charts()->isVisible());
    QPushButton* mend = nullptr;
    for (auto* button : page.message()->findChildren<QPushButton*>())
      if (button->text() == QStringLiteral("Go to Stages") && button->isVisible()) mend = button;
    QVERIFY(mend);
    opened.document.edit(QStringLiteral("rename"), [](Project& project) { project.name = "made"; });
    QVERIFY(!page.message()->isVisible());
    QTest::mouseClick(start, Qt::LeftButton);
    QFile file(m_folder.filePath(QStringLiteral("once-more/started")));
    QVERIFY(file.open(QIODevice::ReadOnly));
    QByteArray commands;
    QTRY_COMPARE((commands += file.readAll()).count('\n'), 2);
  }

  /// A run of an earlier session that made no step is no dead end either.
  void aRunWithoutAStepOffersAStart() {
    MadeRunPlan plan;
    plan.steps_done = 0;
    plan.status = QStringLiteral("failed");
    const MadeRun made = make_run(toPath(m_folder.filePath(QStringLiteral("no-step"))), plan);
    EventLog(RunFolder{made.run_folder}.events())
        .append({.time = 9e9, .body = FailedEvent{.message = "Stage DPT has no data file."}});
    OpenedRun opened(made);
    RunController controller(&opened.document, &opened.run);
    TrainPage page(&opened.document, &opened.run, &controller);
    page.show();
    opened.open();
    QTRY_COMPARE(opened.run.state(), RunState::failed);
    QVERIFY(page.findChild<ActionButton*>(QStringLiteral("emptyStart"))->isVisible());
    QVERIFY(!page.charts()->isVisible());
    QVERIFY2(page.message()->text().startsWith(QStringLiteral("The run failed before its first step. Stage DPT has")),
             qPrintable(page.message()->text()));
  }

  /// A run that failed at a sample leads to it.
  void opensTheSampleThatARunFailedAt() {
    MadeRunPlan plan;
    plan.steps_done = 100;
    plan.status = QStringLiteral("failed");
    const MadeRun made = make_run(toPath(m_folder.filePath(QStringLiteral("sample"))), plan);
    EventLog(RunFolder{made.run_folder}.events())
        .append({9e9, "SFT", 20, 100, FailedEvent{.message = "A gradient is not a number.", .sample = "emoji-7"}});
    OpenedRun opened(made);
    RunController controller(&opened.document, &opened.run);
    TrainPage page(&opened.document, &opened.run, &controller);
    page.resize(1024, 640);
    page.show();
    opened.open();
    QSignalSpy samples(&page, &TrainPage::sampleRequested);
    QPushButton* open = nullptr;
    QTRY_VERIFY([&] {
      for (auto* button : page.message()->findChildren<QPushButton*>())
        if (button->text() == QStringLiteral("Open sample") && button->isVisible()) open = button;
      return open != nullptr;
    }());
    QTest::mouseClick(open, Qt::LeftButton);
    QCOMPARE(samples.size(), 1);
    QCOMPARE(samples[0][0].toString(), QStringLiteral("SFT"));
    QCOMPARE(samples[0][1].toString(), QStringLiteral("emoji-7"));
  }

  /// Where a number was none, the learning rate can be lowered by an edit that can be undone, and the run gone on with.
  void offersWhatHelpsAfterANotANumber() {
    MadeRunPlan plan;
    plan.steps_done = 100;
    plan.status = QStringLiteral("failed");
    const MadeRun made = make_run(toPath(m_folder.filePath(QStringLiteral("nan"))), plan);
    EventLog(RunFolder{made.run_folder}.events())
        .append({9e9, "SFT", 20, 100, FailedEvent{.message = "ce is not a number.", .cause = "not_a_number"}});
    OpenedRun opened(made);
    RunController controller(&opened.document, &opened.run);
    TrainPage page(&opened.document, &opened.run, &controller);
    page.resize(1024, 640);
    page.show();
    opened.open();
    const auto button = [&](const QString& text) -> QPushButton* {
      for (auto* each : page.message()->findChildren<QPushButton*>())
        if (each->text().startsWith(text) && each->isVisible()) return each;
      return nullptr;
    };
    QTRY_VERIFY(button(QStringLiteral("Lower the learning rate")));
    QVERIFY(!button(QStringLiteral("Open sample")));  // no single one is the cause
    QPushButton* resume = button(QStringLiteral("Resume from "));
    QVERIFY(resume && resume->text().contains(opened.run.progress().checkpoint));
    QVERIFY(!opened.run.progress().checkpoint.isEmpty());
    QSignalSpy fields(&page, &TrainPage::fieldRequested);
    const double before = opened.document.project().stages[1].learning_rate;
    QTest::mouseClick(button(QStringLiteral("Lower the learning rate")), Qt::LeftButton);
    QCOMPARE(opened.document.project().stages[1].learning_rate, before / 2);
    QCOMPARE(opened.document.project().stages[0].learning_rate, before);
    QCOMPARE(fields.size(), 1);
    QCOMPARE(fields[0][0].toString(), QStringLiteral("stages[1].learning_rate"));
    opened.document.undoStack()->undo();
    QCOMPARE(opened.document.project().stages[1].learning_rate, before);
  }

  void resumesAFailedRunFromItsMessage() {
    MadeRunPlan plan;
    plan.steps_done = 100;
    plan.status = QStringLiteral("failed");
    const MadeRun made = make_run(toPath(m_folder.filePath(QStringLiteral("again"))), plan);
    EventLog(RunFolder{made.run_folder}.events())
        .append({9e9, "SFT", 20, 100, FailedEvent{.message = "The disk is gone."}});
    OpenedRun opened(made);
    RunController controller(&opened.document, &opened.run);
    TrainPage page(&opened.document, &opened.run, &controller);
    page.show();
    opened.open();
    QPushButton* resume = nullptr;
    QTRY_VERIFY([&] {
      for (auto* each : page.message()->findChildren<QPushButton*>())
        if (each->text().startsWith(QStringLiteral("Resume from ")) && each->isVisible()) resume = each;
      return resume != nullptr;
    }());
    for (auto* each : page.message()->findChildren<QPushButton*>())
      QVERIFY(!each->text().startsWith(QStringLiteral("Lower")) || !each->isVisible());
    QTest::mouseClick(resume, Qt::LeftButton);
    QFile file(m_folder.filePath(QStringLiteral("again/started")));
    QTRY_VERIFY(file.exists());
    QVERIFY(file.open(QIODevice::ReadOnly));
    QByteArray commands;
    QTRY_VERIFY((commands += file.readAll()).contains("--resume made-run"));
  }

 private:
  struct Opened : OpenedRun {
    Opened(const QString& folder, const MadeRunPlan& plan) : OpenedRun(make_run(toPath(folder), plan)) {
      page.resize(1280, 800);
      page.show();
      open();
    }
    RunController controller{&document, &run};
    TrainPage page{&document, &run, &controller};
  };
  QTemporaryDir m_settings, m_folder;
};

}  // namespace llavakd

QTEST_MAIN(llavakd::FailedRunsTest)
#include "tst_failed_runs.moc"
