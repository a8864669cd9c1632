// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// A run goes on as another one, and stays as it is.
#include <QTest>
#include <algorithm>
#include <filesystem>
#include <fstream>

#include "core/base/errors.h"
#include "core/io/atomic_file.h"
#include "core/run/branch_run.h"
#include "core/run/run_checkpoints.h"
#include "core/run/run_lock.h"
#include "core/training/verify_run.h"
#include "tests/core/training/tiny_runs.h"

using namespace llavakd;
namespace fs = std::filesystem;

class TestBranchRun : public QObject, TinyRuns {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { QVERIFY(begin()); }

  void aBranchGoesOnWithChangedInputs() {
    const fs::path data = file_.parent_path() / "data.json";
    const RunFolder trunk = create_run(file_, "trunk");
    run_until(project_, trunk, 8);
    const std::string info = text_of(trunk.info()), events = text_of(trunk.events()), before = text_of(data);
    write_file_atomically(data, before + "\n");
    QVERIFY(refuses(trunk));
    const RunFolder branch = branch_run(trunk, file_, "branch");
    QCOMPARE(read_run_info(branch).status, std::string("stopped"));
    const RunResult result = run(project_, branch, {.resume = true, .accept_changes = true});
    const RunVerification verified = verify_run(branch, {.replay_steps = 2});
    write_file_atomically(data, before);
    QCOMPARE(result.steps, int64_t{18});
    QVERIFY(same_models(whole_.checkpoints() / "DFT-18", result.checkpoint));  // the data says the same
    QCOMPARE(steps_of(branch), steps_of(whole_));
    QVERIFY2(verified.holds(), to_text(verified).c_str());
    const RunInfo of_branch = read_run_info(branch);
    QVERIFY(of_branch.branch_of.has_value());
    QCOMPARE(of_branch.branch_of->run, std::string("trunk"));
    QCOMPARE(of_branch.branch_of->checkpoint, std::string("SFT-8"));
    QCOMPARE(of_branch.accepted_changes.size(), size_t{1});
    QVERIFY(warns(branch, "data.json has "));
    // The trunk has seen nothing of it.
    QCOMPARE(text_of(trunk.info()), info);
    QCOMPARE(text_of(trunk.events()), events);
    QCOMPARE(list_training_checkpoints(trunk.checkpoints()).size(), size_t{3});
    QVERIFY(verify_run(trunk).holds());
    QVERIFY(!refuses(trunk));
  }

  void aDamagedCheckpointIsPassedOver() {
    const RunFolder trunk = create_run(file_, "damaged");
    run_until(project_, trunk, 8);
    flip_bit(trunk.checkpoints() / "SFT-8" / "optimizer.safetensors");
    const RunFolder branch = branch_run(trunk, file_, "from-six");
    QCOMPARE(read_run_info(branch).branch_of->checkpoint, std::string("DPT-6"));
    QVERIFY(!run(project_, branch, {.resume = true}).stopped);
    QCOMPARE(steps_of(branch), steps_of(whole_));
  }

  void whatCantBeBranchedIsLeftAlone() {
    const RunFolder trunk = create_run(file_, "bare");
    run_until(project_, trunk, 5);
    QVERIFY_THROWS_EXCEPTION(UserError, branch_run(trunk, file_, "whole"));  // there is one
    {
      const RunLock lock(trunk);
      QVERIFY_THROWS_EXCEPTION(UserError, branch_run(trunk, file_, "locked"));
    }
    const fs::path notes = runs_folder(file_) / "notes";
    fs::create_directories(notes);
    std::ofstream(notes / "mine.txt") << "not a run";
    QVERIFY_THROWS_EXCEPTION(UserError, branch_run(trunk, file_, "notes"));
    QVERIFY(fs::exists(notes / "mine.txt"));
    fs::remove_all(trunk.checkpoints());
    QVERIFY_THROWS_EXCEPTION(UserError, branch_run(trunk, file_, "empty"));
    for (const char* name : {"locked", "empty"}) QVERIFY(!fs::exists(runs_folder(file_) / name));
  }
};

QTEST_GUILESS_MAIN(TestBranchRun)
#include "tst_branch_run.moc"
