// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "core/base/errors.h"
#include "core/project/project_file.h"
#include "core/run/run_queue_file.h"

using namespace llavakd;
namespace fs = std::filesystem;

class TestRunQueueFile : public QObject {
  Q_OBJECT

  static fs::path folder_of(const QTemporaryDir& dir) { return fs::path(dir.path().toStdString()) / "queue"; }
  static std::string add(const fs::path& folder, const char* name) {
    Project project;
    project.name = name;
    const QueuedRun run = queued_run("/projects/a.kdproj", project);
    change_run_queue(folder, [&](StoredQueue& queue) { queue.waiting.push_back(run); });
    return run.id;
  }
  static std::vector<std::string> names(const fs::path& folder) {
    std::vector<std::string> names;
    for (const QueuedRun& run : read_run_queue(folder).waiting) names.push_back(run.project_name);
    return names;
  }
  static std::string text_of(const fs::path& file) {
    std::ifstream stream(file);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

 private Q_SLOTS:
  void isThereForAllOfAUser() {
    const QTemporaryDir dir;
    qputenv("XDG_STATE_HOME", dir.path().toLocal8Bit());
    QCOMPARE(run_queue_folder().string(), dir.path().toStdString() + "/llavakd-studio/queue");
    qputenv("XDG_STATE_HOME", "relative");
    QVERIFY(run_queue_folder().is_absolute());
    qunsetenv("XDG_STATE_HOME");
    QVERIFY(run_queue_folder().string().ends_with("/.local/state/llavakd-studio/queue"));
  }

  /// What is written can be read again.
  void whatCantBeReadAgainIsRefused() {
    const QTemporaryDir dir;
    const fs::path folder = folder_of(dir);
    add(folder, "one");
    QVERIFY_THROWS_EXCEPTION(UserError, change_run_queue(folder, [](StoredQueue& queue) {
                               queue.waiting[0].project = std::string(size_t{33} << 20, 'x');
                             }));
    QCOMPARE(names(folder), std::vector<std::string>{"one"});
    QVERIFY_THROWS_EXCEPTION(UserError, queued_run("/pro\xff/a.kdproj", Project()));
  }

  void keepsWhatIsWritten() {
    const QTemporaryDir dir;
    const fs::path folder = folder_of(dir);
    QCOMPARE(read_run_queue(folder), StoredQueue());
    const StoredQueue written = change_run_queue(folder, [](StoredQueue& queue) {
      Project project;
      project.name = "Größe";
      queue.waiting = {queued_run("/projects/a.kdproj", project, "seed-7"), queued_run("/projects/b.kdproj", project)};
      queue.waiting[1].fault = "The disk is full.";
      queue.started = StartedRun{.entry = queue.waiting[0], .folder = "/projects/runs/one", .since = 1763978400.25};
      hold_queue(queue, true, "one was stopped.");
    });
    QVERIFY(read_run_queue(folder) == written);
    QCOMPARE(written.waiting[0].run_name, std::string("seed-7"));
    QVERIFY(!written.waiting[0].project.empty());
    QVERIFY_THROWS_EXCEPTION(UserError, queued_run("/a.kdproj", {}, "no/name"));
  }

  /// Whoever changes the queue meets what the others have left: none of a hundred changes is lost.
  void mergesChangesAtTheSameTime() {
    const QTemporaryDir dir;
    const fs::path folder = folder_of(dir);
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&] {
        for (int k = 0; k < 25; ++k) {
          const std::string id = add(folder, "many");
          if (k % 5 == 0) change_run_queue(folder, [&](StoredQueue& queue) { remove_queued_run(queue, id); });
        }
      });
    for (std::thread& thread : threads) thread.join();
    std::set<std::string> ids;
    for (const QueuedRun& run : read_run_queue(folder).waiting) ids.insert(run.id);
    QCOMPARE(ids.size(), size_t{80});
  }

  /// More than can be read again isn't written.
  void refusesToGrowBeyondWhatIsRead() {
    const QTemporaryDir dir;
    const fs::path folder = folder_of(dir);
    add(folder, "small");
    QVERIFY_THROWS_EXCEPTION(UserError, change_run_queue(folder, [](StoredQueue& queue) {
                               queue.waiting[0].project = std::string(size_t{40} << 20, 'x');
                             }));
    QCOMPARE(names(folder), (std::vector<std::string>{"small"}));
  }

  void changesGoByTheEntry() {
    const QTemporaryDir dir;
    const fs::path folder = folder_of(dir);
    const std::string one = add(folder, "one"), two = add(folder, "two"), three = add(folder, "three");
    change_run_queue(folder, [&](StoredQueue& queue) { move_queued_run(queue, three, -1); });
    QCOMPARE(names(folder), (std::vector<std::string>{"one", "three", "two"}));
    change_run_queue(folder, [&](StoredQueue& queue) { move_queued_run(queue, one, 9); });
    QCOMPARE(names(folder), (std::vector<std::string>{"three", "two", "one"}));
    change_run_queue(folder, [&](StoredQueue& queue) {
      remove_queued_run(queue, three);
      name_queued_run(queue, two, "better");
      // Somebody else was quicker.
      move_queued_run(queue, three, 1);
      name_queued_run(queue, three, "gone");
      retry_queued_run(queue, three);
    });
    QCOMPARE(names(folder), (std::vector<std::string>{"two", "one"}));
    QCOMPARE(read_run_queue(folder).waiting[0].run_name, std::string("better"));
    StoredQueue queue = read_run_queue(folder);
    QVERIFY_THROWS_EXCEPTION(UserError, name_queued_run(queue, two, ".hidden"));
    queue.waiting[0].fault = "refused";
    QCOMPARE(next_queued_run(queue)->project_name, std::string("one"));
    retry_queued_run(queue, two);
    QCOMPARE(next_queued_run(queue)->project_name, std::string("two"));
    queue.waiting.clear();
    QVERIFY(!next_queued_run(queue));
  }

  void addsArmsAndSeeds() {
    Project project;
    project.name = "arms";
    for (const char* name : {"PT", "DPT", "SFT"}) project.stages.push_back({.name = name});
    project.schedule = {"DPT", "SFT"};
    project.run.seed = 5;
    const auto all = queued_arms("/projects/a.kdproj", project, "PT-SFT,DPT", "0, 1");
    QCOMPARE(all.size(), size_t{4});
    QCOMPARE(all[1].project_name, std::string("arms PT-SFT s1"));
    const Project second = project_from_text(all[1].project, "a.kdproj");
    QCOMPARE(second.schedule, (std::vector<std::string>{"PT", "SFT"}));
    QCOMPARE(second.run.seed, int64_t{1});
    const auto own = queued_arms("/projects/a.kdproj", project, "", "");
    QCOMPARE(own.size(), size_t{1});
    QCOMPARE(own[0].project_name, std::string("arms"));
    QCOMPARE(project_from_text(own[0].project, "a.kdproj").run.seed, int64_t{5});
    QCOMPARE(project_from_text(own[0].project, "a.kdproj").schedule, project.schedule);
    QVERIFY_THROWS_EXCEPTION(UserError, queued_arms("/projects/a.kdproj", project, "XFT", ""));
  }

  /// What can't be read is neither started nor written over.
  void leavesADamagedQueueAlone() {
    const QTemporaryDir dir;
    const fs::path folder = folder_of(dir), file = folder / "queue.json";
    fs::create_directories(folder);
    for (const char* damaged : {"{", "[]", R"({"format": 2})", "", R"({"waiting": [7]})", R"({"held": "no"})"}) {
      std::ofstream(file) << damaged;
      QVERIFY_THROWS_EXCEPTION(UserError, read_run_queue(folder));
      QVERIFY_THROWS_EXCEPTION(UserError, add(folder, "new"));
      QCOMPARE(text_of(file), std::string(damaged));
      try {
        read_run_queue(folder);
      } catch (const UserError& error) {
        QVERIFY2(std::string(error.what()).find("Move the file") != std::string::npos, error.what());
      }
    }
    std::ofstream(file) << R"({"waiting": [{"id": "a", "project_file": "/a", "project": "{}"},
                                           {"id": "a", "project_file": "/b", "project": "{}"}]})";
    QCOMPARE(read_run_queue(folder).waiting.size(), size_t{1});
    std::ofstream(file) << R"({"waiting": [{"id": "half"}]})";
    QVERIFY(read_run_queue(folder).waiting.empty());
  }
};

QTEST_GUILESS_MAIN(TestRunQueueFile)
#include "tst_run_queue_file.moc"
