// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include "core/base/errors.h"
#include "core/io/atomic_file.h"
#include "core/project/project_file.h"
#include "core/run/event_log.h"
#include "core/run/import_run.h"
#include "core/run/run_overview.h"

using namespace llavakd;
namespace fs = std::filesystem;

class TestImportRun : public QObject {
  Q_OBJECT
  QTemporaryDir m_folder;

  fs::path folder() const { return m_folder.path().toStdString(); }
  fs::path project() const { return folder() / "a.kdproj"; }

  fs::path csv(const std::string& content) const {
    write_file_atomically(folder() / "other run.csv", content);
    return folder() / "other run.csv";
  }

 private Q_SLOTS:
  void init() {
    fs::remove_all(folder());
    fs::create_directories(folder());
    write_file_atomically(project(), project_text(Project(), "aaaaaaaaaaaa"));
  }

  void aTableBecomesARun() {
    const ImportedRun run =
        import_run(project(), csv("step,Loss,grad_norm,lr,kl\n10,2,,0.1,5\n0,4,1.5,,6\n10,1,,0.2,\n-3,9,9,9,9\n"));
    QCOMPARE(run.folder.id(), "other-run.csv");
    QCOMPARE(run.steps, int64_t{2});
    QCOMPARE(run.warnings.size(), size_t{1});  // steps before 0
    EventReader reader(run.folder.events());
    const auto events = reader.read();
    QVERIFY(reader.take_warnings().empty());
    QCOMPARE(events.size(), size_t{4});
    QVERIFY(events.front().is<RunStartedEvent>() && events.back().is<RunFinishedEvent>());
    const auto* first = events[1].as<StepEvent>();
    const auto* second = events[2].as<StepEvent>();
    QVERIFY(first && second);
    QCOMPARE(events[1].step, int64_t{0});
    QCOMPARE(first->total, 4.0);
    QCOMPARE(first->grad_norm, 1.5);
    QVERIFY(std::isnan(first->learning_rate));
    QCOMPARE(number_of(first->terms, "kl"), 6.0);
    QCOMPARE(first->terms.size(), size_t{1});
    QCOMPARE(events[2].step, int64_t{10});
    QCOMPARE(second->total, 1.0);  // the later of two
    QCOMPARE(second->learning_rate, 0.2);
    QCOMPARE(number_of(second->terms, "kl"), 5.0);
  }

  void tensorBoardsFoldersAreTakenIn() {
    const ImportedRun run = import_run(project(), fs::path(LLAVAKD_TEST_DATA_DIR) / "tensorboard" / "run", "board");
    QCOMPARE(run.folder.id(), "board");
    QCOMPARE(run.steps, int64_t{5});
    const auto events = EventReader(run.folder.events()).read();
    QCOMPARE(events[0].time, 1000.5);
    const auto* last = events[5].as<StepEvent>();
    QVERIFY(last);
    QCOMPARE(last->total, 2.0);  // train/loss
    QCOMPARE(number_of(last->terms, "loss_val/loss"), 4.5);
    QCOMPARE(number_of(last->terms, "eval/score"), 0.3);
  }

  void itIsListedAndNeverGoneOnWith() {
    import_run(project(), csv("step,loss\n1,2\n"));
    const auto runs = run_overviews(project());
    QCOMPARE(runs.size(), size_t{1});
    QVERIFY(runs[0].run.belongs && runs[0].run.info.kind == RunKind::imported);
    QVERIFY(runs[0].status == RunStatus::finished);
    QCOMPARE(runs[0].total, 2.0);
    QCOMPARE(runs[0].planned_steps, int64_t{1});
    QVERIFY(list_runs(project()).empty());
    QVERIFY_EXCEPTION_THROWN(find_run(project()), UserError);
    QVERIFY_EXCEPTION_THROWN(find_run(project(), "other-run.csv"), UserError);
  }

  void eachImportIsARunOfItsOwn() {
    const fs::path file = csv("step,loss\n1,2\n");
    QCOMPARE(import_run(project(), file).folder.id(), "other-run.csv");
    QCOMPARE(import_run(project(), file).folder.id(), "other-run.csv-2");
    QVERIFY_EXCEPTION_THROWN(import_run(project(), file, "other-run.csv"), UserError);
    QVERIFY(fs::exists(runs_folder(project()) / "other-run.csv" / "run.json"));
    QVERIFY_EXCEPTION_THROWN(import_run(project(), file, "../x"), UserError);
  }

  void whatCantBeReadLeavesNothing() {
    for (const fs::path& source : {folder() / "nowhere", project(), csv("step,loss\n-1,2\n")})
      QVERIFY_EXCEPTION_THROWN(import_run(project(), source), UserError);
    std::error_code error;
    QVERIFY(!fs::exists(runs_folder(project()), error) || fs::is_empty(runs_folder(project())));
  }
};

QTEST_APPLESS_MAIN(TestImportRun)
#include "tst_import_run.moc"
