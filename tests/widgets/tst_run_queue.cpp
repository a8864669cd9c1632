// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractButton>
#include <QLineEdit>
#include <QListView>
#include <QMenu>
#include <QPushButton>
#include <QTest>
#include <QToolButton>

#include "made_project.h"
#include "widgets/pages/runs/arms_dialog.h"
#include "widgets/pages/runs/runs_page.h"
#include "widgets/run/run_controller.h"
#include "widgets/run/run_queue.h"
#include "widgets/run/run_selection.h"
#include "widgets/run/run_watcher.h"
#include "widgets/theme/parts.h"
#include "widgets/theme/theme.h"

namespace llavakd {
namespace {

// A run that lasts until there is a file `finish` (or `stop`) next to its project; one called "refused" doesn't begin.
constexpr const char* queueEngine = R"sh(#!/bin/sh
[ "$1" = train ] || exit 0
while [ $# -gt 0 ]; do
  case "$1" in --run) id=$2; shift;; *.kdproj) file=$1;; esac
  shift
done
folder=$(dirname "$file")
run="$folder/runs/$id"
options=$(cat)
case "$options" in *'"name": "refused"'*) echo 'llavakd: The disk is full.' >&2; exit 2;; esac
mkdir -p "$run"
printf '%s' "$options" >"$run/options"
tell() { printf '{"status":"%s","started":%s,"pid":%s,"project_file":"%s"}' "$1" "$(date +%s)" $$ "$file" >"$run/new"; mv "$run/new" "$run/run.json"; }
tell running
: >"$run/events.jsonl"
while [ ! -e "$folder/finish" ] && [ ! -e "$folder/stop" ]; do sleep 0.05; done
[ -e "$folder/stop" ] && tell stopped || tell finished
rm -f "$folder/finish" "$folder/stop"
)sh";

/// The page of a made project that is open.
struct OpenedQueue {
  explicit OpenedQueue(const MadeProject& made) {
    page.resize(1300, 800);
    page.show();
    page.activateWindow();
    [&] {
      QVERIFY(made.open(document));
    }();
    run.setProjectFile(made.file());
  }
  RunQueue* queue() const { return page.queue(); }
  void click(const char* name) const {
    auto* button = page.findChild<QAbstractButton*>(QLatin1String(name));
    QVERIFY2(button && button->isEnabled(), name);
    QTest::mouseClick(button, Qt::LeftButton);
  }
  void add(const char* projectName) {
    document.edit(QStringLiteral("rename"), [&](Project& project) { project.name = projectName; });
    click("addToQueue");
  }
  QListView* list() const { return page.findChild<QListView*>(QStringLiteral("queue")); }
  QStringList names() const {
    QStringList names;
    for (const QueuedRun& each : queue()->waiting()) names << toQString(each.project_name);
    return names;
  }
  ProjectDocument document;
  RunWatcher run;
  RunController controller{&document, &run};
  RunSelection selection{&run};
  RunsPage page{{&document, &run, &controller, nullptr, &selection}};
};

QStringList runsOf(const MadeProject& made) {
  return QDir(made.path(QStringLiteral("runs"))).entryList(QDir::Dirs | QDir::NoDotAndDotDot, QDir::Name);
}

QByteArray textOf(const QString& file) {
  QFile in(file);
  return in.open(QIODevice::ReadOnly) ? in.readAll() : QByteArray();
}

}  // namespace

class RunQueueTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    theme::apply(*qApp, theme::Appearance::light);
    const QString program = m_folder.filePath(QStringLiteral("llavakd"));
    QFile out(program);
    QVERIFY(out.open(QIODevice::WriteOnly) && out.write(queueEngine) > 0);
    out.close();
    QVERIFY(out.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner));
    qputenv("PATH", QFile::encodeName(m_folder.path()) + ':' + qgetenv("PATH"));
  }

  /// Two runs of one project, each with the options that it had when it was added; never two at a time.
  void startsOneAfterTheOther() {
    MadeProject made;
    OpenedQueue opened(made);
    opened.add("first");
    QTRY_COMPARE(runsOf(made).size(), 1);
    opened.add("second");
    opened.document.edit(QStringLiteral("rename"), [](Project& project) { project.name = "later"; });
    const QString first = made.path(QStringLiteral("runs/")) + runsOf(made).front();
    QTRY_COMPARE(opened.run.state(), RunState::running);
    QCOMPARE(opened.run.runFolder(), first);
    QTest::qWait(2500);
    QCOMPARE(opened.names(), QStringList{QStringLiteral("second")});
    QCOMPARE(runsOf(made).size(), 1);
    made.write(QStringLiteral("finish"), {});
    QTRY_COMPARE_WITH_TIMEOUT(runsOf(made).size(), 2, 15'000);
    QTRY_VERIFY(opened.queue()->waiting().empty());
    const QString second = made.path(QStringLiteral("runs/")) + runsOf(made).back();
    QTRY_VERIFY(textOf(second + QStringLiteral("/options")).contains("\"second\""));
    QVERIFY(textOf(first + QStringLiteral("/options")).contains("\"first\""));
    made.write(QStringLiteral("finish"), {});
    QTRY_COMPARE_WITH_TIMEOUT(opened.queue()->stateText(), QStringLiteral("Nothing waits."), 15'000);
  }

  /// A run of another project waits for that of this one.
  void startsAnotherProject() {
    MadeProject made, other;
    OpenedQueue opened(made);
    opened.add("here");
    QTRY_COMPARE(runsOf(made).size(), 1);
    opened.queue()->addProject(other.file());
    QTRY_COMPARE(opened.names(), QStringList{QStringLiteral("small")});
    QVERIFY(!opened.queue()->index(0).data().toString().contains(QFileInfo(other.file()).path()));
    opened.add("small");  // of the same name as the other project: their folders tell them apart
    QVERIFY(opened.queue()->index(0).data().toString().contains(QFileInfo(other.file()).path()));
    opened.queue()->remove(1);
    made.write(QStringLiteral("finish"), {});
    QTRY_COMPARE_WITH_TIMEOUT(runsOf(other).size(), 1, 15'000);
    QCOMPARE(opened.run.projectFile(), made.file());
    QCOMPARE(QFileInfo(opened.run.runFolder()).path(), made.path(QStringLiteral("runs")));
    other.write(QStringLiteral("finish"), {});
    QTRY_COMPARE_WITH_TIMEOUT(opened.queue()->stateText(), QStringLiteral("Nothing waits."), 15'000);
  }

  /// What the engine refuses stays in the list with the reason, and the next one starts.
  void passesOverWhatIsRefused() {
    MadeProject made;
    OpenedQueue opened(made);
    opened.click("showQueue");
    opened.click("queueHold");
    opened.add("refused");
    opened.add("good");
    QCOMPARE(opened.queue()->rowCount(), 2);
    opened.click("queueHold");
    QTRY_COMPARE_WITH_TIMEOUT(runsOf(made).size(), 1, 15'000);
    QTRY_COMPARE(opened.names(), QStringList{QStringLiteral("refused")});
    QVERIFY(opened.queue()->index(0).data().toString().contains(QStringLiteral("The disk is full.")));
    made.write(QStringLiteral("finish"), {});
    QTRY_COMPARE_WITH_TIMEOUT(opened.queue()->stateText(), QStringLiteral("None of these could be started."), 15'000);
    QCOMPARE(opened.queue()->rowCount(), 1);
  }

  /// Whoever stops a run of the queue doesn't want the next one at once.
  void isHeldAfterAStop() {
    MadeProject made;
    OpenedQueue opened(made);
    opened.add("first");
    QTRY_COMPARE(runsOf(made).size(), 1);
    opened.add("second");
    QTRY_COMPARE(opened.run.state(), RunState::running);
    made.write(QStringLiteral("stop"), {});
    QTRY_VERIFY_WITH_TIMEOUT(opened.queue()->isHeld(), 15'000);
    auto* state = opened.page.findChild<TextLabel*>(QStringLiteral("queueState"));
    QVERIFY2(state->text().contains(QStringLiteral("stopped")), qPrintable(state->text()));
    QCOMPARE(opened.queue()->rowCount(), 1);
    opened.click("queueHold");
    QTRY_COMPARE_WITH_TIMEOUT(runsOf(made).size(), 2, 15'000);
    made.write(QStringLiteral("finish"), {});
    QTRY_COMPARE_WITH_TIMEOUT(opened.queue()->stateText(), QStringLiteral("Nothing waits."), 15'000);
  }

  /// Entries are moved, named and taken out by keys, and wait for the next session.
  void ordersEntriesByKeys() {
    MadeProject made;
    {
      OpenedQueue opened(made);
      opened.click("showQueue");
      opened.click("queueHold");
      for (const char* name : {"one", "two", "three"}) opened.add(name);
      QListView* list = opened.list();
      QVERIFY(list->isVisible());
      QVERIFY(QTest::qWaitForWindowActive(&opened.page));
      list->setFocus();
      QTest::mouseClick(list->viewport(), Qt::LeftButton, {}, list->visualRect(opened.queue()->index(2)).center());
      QTest::keyClick(list, Qt::Key_Up, Qt::AltModifier);
      QCOMPARE(opened.names(), (QStringList{QStringLiteral("one"), QStringLiteral("three"), QStringLiteral("two")}));
      QTest::keyClick(list, Qt::Key_Up, Qt::AltModifier);
      QTest::keyClick(list, Qt::Key_Down, Qt::AltModifier);
      QCOMPARE(opened.names(), (QStringList{QStringLiteral("one"), QStringLiteral("three"), QStringLiteral("two")}));
      QTest::keyClick(list, Qt::Key_Delete);
      QCOMPARE(opened.names(), (QStringList{QStringLiteral("one"), QStringLiteral("two")}));
      QVERIFY(opened.queue()->setData(opened.queue()->index(0), QStringLiteral("seed-7"), Qt::EditRole));
      QVERIFY(!opened.queue()->setData(opened.queue()->index(1), QStringLiteral("no/name"), Qt::EditRole));
      QVERIFY(opened.page.message()->isVisible());
    }
    OpenedQueue again(made);
    QTRY_COMPARE(again.names(), (QStringList{QStringLiteral("one"), QStringLiteral("two")}));
    QVERIFY(again.queue()->isHeld());
    again.click("queueHold");
    QTRY_COMPARE_WITH_TIMEOUT(runsOf(made), QStringList{QStringLiteral("seed-7")}, 15'000);
    again.queue()->setHeld(true);
    made.write(QStringLiteral("finish"), {});
    QTRY_VERIFY(textOf(made.path(QStringLiteral("runs/seed-7/run.json"))).contains("finished"));
  }

  /// A run for each schedule with each seed; what can't be read is said while it is typed.
  void addsArmsAndSeeds() {
    MadeProject made;
    OpenedQueue opened(made);
    opened.click("showQueue");
    opened.click("queueHold");
    auto* add = opened.page.findChild<QToolButton*>(QStringLiteral("addToQueue"));
    add->menu()->actions().value(0)->trigger();
    auto* dialog = opened.page.findChild<ArmsDialog*>();
    QTRY_VERIFY(dialog && dialog->isVisible());
    auto* arms = dialog->findChild<QLineEdit*>(QStringLiteral("arms"));
    auto* seeds = dialog->findChild<QLineEdit*>(QStringLiteral("seeds"));
    auto* preview = dialog->findChild<TextLabel*>(QStringLiteral("armsPreview"));
    auto* button = dialog->findChild<QPushButton*>(QStringLiteral("addArms"));
    QCOMPARE(arms->text(), QStringLiteral("DPT-SFT-DFT"));
    arms->selectAll();
    QTest::keyClicks(arms, QStringLiteral("DPT-XFT"));
    QVERIFY(!button->isEnabled());
    QVERIFY2(preview->text().contains(QStringLiteral("DPT-XFT")), qPrintable(preview->text()));
    arms->selectAll();
    QTest::keyClicks(arms, QStringLiteral("DPT-SFT, DFT"));
    seeds->selectAll();
    QTest::keyClicks(seeds, QStringLiteral("0, 7"));
    QCOMPARE(preview->text(), QStringLiteral("small DPT-SFT s0\nsmall DPT-SFT s7\nsmall DFT s0\nsmall DFT s7"));
    QTest::mouseClick(button, Qt::LeftButton);
    QCOMPARE(opened.queue()->rowCount(), 4);
    QCOMPARE(opened.names().last(), QStringLiteral("small DFT s7"));
    QVERIFY(opened.queue()->isHeld());
  }

  /// Two windows show and change one queue: nothing is overwritten, and one of them starts the runs.
  void sharesTheQueueWithOtherWindows() {
    MadeProject made;
    OpenedQueue one(made);
    OpenedQueue other(made);
    one.click("showQueue");
    one.click("queueHold");
    QTRY_VERIFY(other.queue()->isHeld());
    one.add("first");
    other.add("second");
    const auto sorted = [](QStringList names) {
      names.sort();
      return names;
    };
    const QStringList both{QStringLiteral("first"), QStringLiteral("second")};
    QTRY_COMPARE(sorted(one.names()), both);
    QTRY_COMPARE(sorted(other.names()), both);
    QTRY_COMPARE(one.names(), other.names());
    const QStringList before = one.names();
    other.page.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&other.page));
    QListView* list = other.list();
    QTRY_VERIFY(list->isVisible());
    list->setFocus();
    QTest::mouseClick(list->viewport(), Qt::LeftButton, {}, list->visualRect(other.queue()->index(1)).center());
    QTest::keyClick(list, Qt::Key_Up, Qt::AltModifier);
    QTRY_COMPARE(one.names(), (QStringList{before[1], before[0]}));
    one.click("queueHold");
    QTRY_VERIFY(!other.queue()->isHeld());
    QTRY_COMPARE_WITH_TIMEOUT(runsOf(made).size(), 1, 15'000);
    QTRY_COMPARE(one.names(), QStringList{before[0]});
    QTRY_COMPARE(other.names(), QStringList{before[0]});
    QTest::qWait(2500);
    QCOMPARE(runsOf(made).size(), 1);  // none is started twice, and none at the same time
    for (int run = 1; run <= 2; ++run) {
      made.write(QStringLiteral("finish"), {});
      QTRY_VERIFY_WITH_TIMEOUT(!QFile::exists(made.path(QStringLiteral("finish"))), 15'000);
      if (run == 1) QTRY_COMPARE_WITH_TIMEOUT(runsOf(made).size(), 2, 15'000);
    }
    QTRY_COMPARE_WITH_TIMEOUT(one.queue()->stateText(), QStringLiteral("Nothing waits."), 15'000);
    QTRY_COMPARE_WITH_TIMEOUT(other.queue()->stateText(), QStringLiteral("Nothing waits."), 15'000);
    QCOMPARE(runsOf(made).size(), 2);
  }

  /// When the window that starts the runs is closed, another one goes on.
  void anotherWindowGoesOn() {
    MadeProject made;
    OpenedQueue stays(made);
    {
      OpenedQueue closed(made);
      closed.add("first");
      QTRY_COMPARE(runsOf(made).size(), 1);
      closed.add("second");
      QTRY_COMPARE(stays.names(), QStringList{QStringLiteral("second")});
    }
    made.write(QStringLiteral("finish"), {});
    QTRY_COMPARE_WITH_TIMEOUT(runsOf(made).size(), 2, 15'000);
    QTRY_VERIFY(stays.names().isEmpty());
    made.write(QStringLiteral("finish"), {});
    QTRY_COMPARE_WITH_TIMEOUT(stays.queue()->stateText(), QStringLiteral("Nothing waits."), 15'000);
  }

 private:
  QTemporaryDir m_folder;
};

}  // namespace llavakd

QTEST_MAIN(llavakd::RunQueueTest)
#include "tst_run_queue.moc"
