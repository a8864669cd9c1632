// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>

#include "core/io/atomic_file.h"
#include "core/io/mapped_file.h"
#include "tests/app/engine.h"

using namespace llavakd;

/// `llavakd verify`: 0 where all is as it was written, 2 where it isn't, and what isn't by name.
class TestVerifyCommand : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  fs::path project_;
  fs::path run() const { return project_.parent_path() / "runs" / "one"; }
  fs::path newest() const {
    std::string name(MappedFile::open(run() / "checkpoints" / "latest")->text());
    return run() / "checkpoints" / name.substr(0, name.find('\n'));
  }

 private Q_SLOTS:
  void initTestCase() {
    project_ = write_small_project(fs::path(dir_.path().toStdString()) / "small");
    const Outcome trained = run_engine({"train", text(project_), "--run", "one", "--set", "run.checkpoint_every=1"});
    QVERIFY2(trained.code == 0, trained.err);
  }

  void aWholeRunIsVerified() {
    const Outcome outcome = run_engine({"verify", text(run())});
    QVERIFY2(outcome.code == 0, outcome.out + outcome.err);
    QVERIFY2(
        outcome.out.contains("replay") && outcome.out.contains("1 step from") && outcome.out.endsWith("Verified.\n"),
        outcome.out);
    QVERIFY(fs::exists(run() / "verified.json") && !fs::exists(run() / "replay.partial"));
    const Json json = run_engine({"verify", text(run()) + "/", "--json", "--steps", "0"}).json();
    QVERIFY(json["verified"].get<bool>());
    QCOMPARE(json["parts"].back()["what"].get<std::string>(), std::string("inputs"));
  }

  void damageIsNamed() {
    const fs::path weights = newest() / "model" / "model.safetensors";
    const std::string before(MappedFile::open(weights)->text());
    std::string other = before;
    other[other.size() / 2] ^= 1;
    write_file_atomically(weights, other);
    const Outcome whole = run_engine({"verify", text(run()), "--steps", "0"});
    const Outcome checkpoint = run_engine({"verify", text(newest()), "--steps", "0", "--json"});
    write_file_atomically(weights, before);
    QVERIFY2(whole.code == 2 && whole.out.contains("model.safetensors is damaged"), whole.out + whole.err);
    QVERIFY(whole.out.endsWith("Not verified.\n"));
    QCOMPARE(checkpoint.code, 2);
    QVERIFY(!checkpoint.json()["verified"].get<bool>());
  }

  /// A copy of a checkpoint holds its manifest, wherever it is.
  void aCheckpointAloneIsCompared() {
    const fs::path copy = project_.parent_path() / newest().filename();
    fs::copy(newest(), copy, fs::copy_options::recursive);
    const Outcome outcome = run_engine({"verify", text(copy)});
    QVERIFY2(outcome.code == 0, outcome.out + outcome.err);
    fs::remove(copy / "optimizer.safetensors");
    QCOMPARE(run_engine({"verify", text(copy)}).code, 2);
  }

  void aBranchIsARunOfItsOwn() {
    const Outcome alone = run_engine({"train", text(project_), "--branch", "two"});
    QVERIFY2(alone.code == 2 && alone.err.contains("--branch goes with --resume"), alone.err);
    const Outcome branch = run_engine({"train", text(project_), "--resume", "one", "--branch", "two"});
    QVERIFY2(branch.code == 0, branch.err);
    const Json shown = run_engine({"runs", "show", text(project_), "two", "--json"}).json();
    QCOMPARE(shown["branch_of"]["run"].get<std::string>(), std::string("one"));
    // One that is refused leaves nothing behind.
    const Outcome refused =
        run_engine({"train", text(project_), "--resume", "one", "--branch", "three", "--set", "run.seed=5"});
    QCOMPARE(refused.code, 2);
    QVERIFY(!fs::exists(project_.parent_path() / "runs" / "three"));
  }

  /// The models and data are found by their content, wherever they are.
  void aBundleIsVerifiedElsewhere() {
    const fs::path bundle = project_.parent_path() / "bundle";
    const Json parts = run_engine({"bundle", text(run()), "--list", "--json"}).json();
    QCOMPARE(parts["parts"].size(), size_t{6});
    QVERIFY(parts["parts"].back()["bytes"].get<int64_t>() > parts["parts"][4]["bytes"].get<int64_t>());
    const Outcome written = run_engine({"bundle", text(run()) + "/", "--out", text(bundle), "--redact", "--json"});
    QVERIFY2(written.code == 0, written.err);
    QCOMPARE(written.json()["inputs"].size(), size_t{5});
    const Outcome verified = run_engine({"verify", text(bundle), "--models", text(models_folder()), "--data",
                                         text(project_.parent_path() / "images"), "--data",
                                         text(project_.parent_path() / "data.json"), "--steps", "1"});
    QVERIFY2(verified.code == 0, verified.out + verified.err);
    QVERIFY2(verified.out.contains("bit-equal: 1 step from the beginning"), verified.out);
    QVERIFY(verified.out.endsWith("Verified.\n"));
    QVERIFY(run_engine({"verify", text(bundle)}).out.contains("--models DIR --data DIR"));
    const Outcome again = run_engine({"bundle", text(run()), "--out", text(bundle)});
    QVERIFY2(again.code == 2 && again.err.contains("is there already"), again.err);
    fs::create_symlink("/etc/hostname", bundle / "curves");
    const Outcome hostile = run_engine({"verify", text(bundle)});
    QVERIFY2(hostile.code == 2 && hostile.err.contains("files and folders only"), hostile.err);
  }

  void whatBundlesAreNotMadeOfIsSaid() {
    const Outcome no_run = run_engine({"bundle", text(project_.parent_path())});
    QVERIFY2(no_run.code == 2 && no_run.err.contains("is no run"), no_run.err);
    const Outcome no_bundle = run_engine({"verify", text(run()), "--data", text(project_.parent_path())});
    QVERIFY2(no_bundle.code == 2 && no_bundle.err.contains("is no bundle"), no_bundle.err);
    const Outcome lost = run_engine({"bundle", text(run()), "--weights", "some"});
    QCOMPARE(lost.code, 2);
  }

  void whatIsNoRunIsSaid() {
    const Outcome outcome = run_engine({"verify", text(project_.parent_path())});
    QVERIFY2(outcome.code == 2 && outcome.err.contains("neither a run nor a checkpoint"), outcome.err);
  }
};

QTEST_GUILESS_MAIN(TestVerifyCommand)
#include "tst_verify_command.moc"
