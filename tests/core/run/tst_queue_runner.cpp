// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <filesystem>

#include "core/base/errors.h"
#include "core/project/project_file.h"
#include "core/run/queue_runner.h"
#include "core/run/run_folder.h"

using namespace llavakd;
namespace fs = std::filesystem;

class TestQueueRunner : public QObject {
  Q_OBJECT

  struct Made {
    QTemporaryDir dir;
    fs::path folder = fs::path(dir.path().toStdString()) / "queue";
    fs::path file = fs::path(dir.path().toStdString()) / "a.kdproj";
    Made() {
      save_project({}, file);
      for (const char* name : {"one", "two"}) add(name);
    }
    void add(const char* name) const {
      Project project;
      project.name = name;
      change_run_queue(folder, [&](StoredQueue& queue) { queue.waiting.push_back(queued_run(file, project, name)); });
    }
    QueueStep step() const { return step_run_queue(folder, {file}, true); }
    /// What the run's record says.
    void tell(const fs::path& run, const char* status, std::optional<int64_t> pid = {}) const {
      fs::create_directories(run);
      RunInfo info;
      info.status = status;
      info.pid = pid;
      info.started = 1763978400;
      info.project_file = file.string();
      info.project_id = project_id_of(file);
      write_run_info({run}, info);
    }
  };

 private Q_SLOTS:
  void oneStartsThem() {
    const Made made;
    auto first = QueueRunner::take(made.folder);
    QVERIFY(first && !QueueRunner::take(made.folder));
    first.reset();
    QVERIFY(QueueRunner::take(made.folder));
  }

  /// The next one comes when the one before it has ended, never earlier, and each one once.
  void startsOneAfterTheOther() {
    const Made made;
    QVERIFY(!step_run_queue(made.folder, {}, false).start);
    const auto first = made.step().start;
    QVERIFY(first);
    QCOMPARE(first->folder, runs_folder(made.file) / "one");
    QVERIFY(read_run_queue(made.folder).started == first);
    QVERIFY(!made.step().start);  // its record isn't there yet
    QVERIFY(step_run_queue(made.folder, {}, false).is_at_work);
    made.tell(first->folder, "finished");
    QVERIFY(!step_run_queue(made.folder, {}, false).start);
    QVERIFY(!step_run_queue(made.folder, {}, false).is_at_work);
    const auto second = made.step().start;
    QVERIFY(second);
    QCOMPARE(second->entry.project_name, std::string("two"));
    QVERIFY(second->entry.project.find("\"two\"") != std::string::npos);
    made.tell(second->folder, "failed");
    const QueueStep last = made.step();
    QVERIFY(!last.start && !last.queue.started && last.queue.waiting.empty());
  }

  /// A run that isn't the queue's keeps the next one waiting, in whatever project.
  void waitsForOtherRuns() {
    const Made made, other;
    QProcess engine;  // its command line has the program's name, as a run's has
    engine.start(QStringLiteral("/bin/sh"), {QStringLiteral("-c"), QStringLiteral("read line; : llavakd")});
    QVERIFY(engine.waitForStarted());
    const fs::path busy = runs_folder(other.file) / "busy";
    other.tell(busy, "running", engine.processId());
    QueueStep step = step_run_queue(made.folder, {other.file}, true);
    QCOMPARE(step.waits_for, std::string("busy"));
    QVERIFY(!step.start);
    engine.kill();
    engine.waitForFinished();
    step = step_run_queue(made.folder, {other.file}, true);
    QVERIFY(step.start && step.waits_for.empty());
  }

  void isHeldAfterAStop() {
    const Made made;
    const auto first = made.step().start;
    made.tell(first->folder, "stopped");
    QueueStep step = made.step();
    QVERIFY(!step.start && step.queue.held && !step.queue.started);
    QVERIFY2(step.queue.reason.find("one was stopped") != std::string::npos, step.queue.reason.c_str());
    QVERIFY(!made.step().start);
    change_run_queue(made.folder, [](StoredQueue& queue) { hold_queue(queue, false); });
    step = made.step();
    QVERIFY(step.start && step.queue.reason.empty());
  }

  /// What the engine refuses comes back with the reason, and the next one is started.
  void passesOverWhatIsRefused() {
    const Made made;
    const auto first = made.step().start;
    const StoredQueue back = give_back_queued_run(made.folder, *first, "The disk is full.");
    QVERIFY(!back.started);
    QCOMPARE(back.waiting.size(), size_t{2});
    QCOMPARE(back.waiting[0].fault, std::string("The disk is full."));
    const auto second = made.step().start;
    QCOMPARE(second->entry.project_name, std::string("two"));
    // Of another one than the started run nothing comes back.
    QCOMPARE(give_back_queued_run(made.folder, *first, "Late.").waiting.size(), size_t{1});
    made.add("three");
    const StoredQueue all = give_back_queued_run(made.folder, *second, "The disk is full.");
    QCOMPARE(all.waiting.size(), size_t{3});
    QCOMPARE(all.waiting[1].project_name, std::string("two"));  // in the order in which they were tried
    QVERIFY(all.waiting[2].fault.empty());
  }

  /// A run of that name is another one: neither is its end taken for the entry's, nor is the entry lost.
  void tellsOfANameThatIsTaken() {
    const Made made;
    made.tell(runs_folder(made.file) / "one", "stopped");
    const QueueStep step = made.step();
    QCOMPARE(step.start->entry.project_name, std::string("two"));
    QVERIFY(!step.queue.held);
    QCOMPARE(step.queue.waiting.size(), size_t{1});
    QVERIFY(step.queue.waiting[0].fault.find("already") != std::string::npos);
  }

  /// A window that was closed between taking a run out and starting it loses no run.
  void givesBackWhatNeverBegan() {
    const Made made;
    QVERIFY(made.step().start);
    change_run_queue(made.folder, [](StoredQueue& queue) { queue.started->since -= 3600; });
    const QueueStep step = made.step();
    QCOMPARE(step.start->entry.project_name, std::string("two"));
    QCOMPARE(step.queue.waiting.size(), size_t{1});
    QVERIFY(!step.queue.waiting[0].fault.empty());
  }

  void holdsWhatIsKept() {
    const Made made;
    {
      const auto runner = QueueRunner::take(made.folder);
      QVERIFY(!hold_kept_queue(made.folder).held);
    }
    QVERIFY(hold_kept_queue(made.folder).held);
    QVERIFY(!made.step().start);
    const Made empty;
    change_run_queue(empty.folder, [](StoredQueue& queue) { queue.waiting.clear(); });
    QVERIFY(!hold_kept_queue(empty.folder).held);
  }
};

QTEST_GUILESS_MAIN(TestQueueRunner)
#include "tst_queue_runner.moc"
