// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include "core/base/errors.h"
#include "core/io/atomic_file.h"
#include "core/run/disk_use.h"
#include "core/run/run_checkpoints.h"
#include "core/run/run_list.h"
#include "core/run/run_lock.h"
#include "core/run/run_notes.h"

using namespace llavakd;
namespace fs = std::filesystem;

class TestRunCheckpoints : public QObject {
  Q_OBJECT
  QTemporaryDir m_folder;

  fs::path folder() const { return m_folder.path().toStdString(); }
  RunFolder run() const { return {folder() / "runs" / "one"}; }

  /// 1000 bytes of weights, two of an optimizer and what state.json holds.
  void make(const std::string& name, const std::string& state) const {
    const fs::path checkpoint = run().checkpoints() / name;
    fs::create_directories(checkpoint / "model");
    write_file_atomically(checkpoint / "model" / "model.safetensors", std::string(1000, 'w'));
    write_file_atomically(checkpoint / "optimizer.safetensors", "{}");
    write_file_atomically(checkpoint / "state.json", state);
    write_file_atomically(run().checkpoints() / "latest", name + "\n");
  }

  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const RunCheckpoint& checkpoint : run_checkpoints(run())) names.push_back(checkpoint.name);
    return names;
  }

  template <class Call>
  static std::string refusal(Call call) {
    try {
      call();
    } catch (const UserError& error) {
      return error.what();
    }
    return "did it";
  }

 private Q_SLOTS:
  void init() {
    fs::remove_all(folder());
    fs::create_directories(run().path);
    write_run_info(run(), {});
    make("DPT-2", R"({"stage": "DPT", "stage_index": 0, "stage_step": 2, "stage_done": false, "mean_total": 1.5})");
    make("DPT-10", R"({"stage": "DPT", "stage_index": 0, "stage_step": 10, "stage_done": true})");
    make("SFT-12", R"({"stage": "SFT", "stage_index": 1, "stage_step": 2, "stage_done": false})");
  }

  void theyAreListedOldestFirst() {
    fs::create_directories(run().checkpoints() / "SFT-14.partial" / "model");
    fs::create_directories(run().checkpoints() / "SFT-14");  // not whole
    pin_checkpoint(run(), "DPT-2");
    const auto list = run_checkpoints(run());
    QCOMPARE(names(), (std::vector<std::string>{"DPT-2", "DPT-10", "SFT-12"}));
    QVERIFY(list[0].pinned && !list[0].newest && !list[0].stage_done);
    QCOMPARE(list[0].mean_total, 1.5);
    QVERIFY(!list[1].pinned && list[1].stage_done && std::isnan(list[1].mean_total));
    QVERIFY(list[2].newest);
    QCOMPARE(list[2].stage, "SFT");
    QCOMPARE(list[2].step, int64_t{12});
    QCOMPARE(list[2].stage_step, int64_t{2});
    QVERIFY(list[2].bytes > 1000 && list[2].written > 0);
  }

  /// Somebody's `latest` and `lock` may be anything.
  void hostileFilesInTheirPlaceAreNoReasonToGuess() {
    const fs::path latest = run().checkpoints() / "latest";
    for (const std::string& text : {std::string("../../../etc"), std::string("/etc"), std::string("SFT-12/../DPT-2"),
                                    std::string("."), std::string(100'000, 'x')}) {
      write_file_atomically(latest, text);
      QCOMPARE(latest_training_checkpoint(run().checkpoints())->filename(), fs::path("SFT-12"));
    }
    fs::resize_file(latest, uintmax_t{1} << 40);  // a hole: nobody has the memory
    QCOMPARE(latest_training_checkpoint(run().checkpoints())->filename(), fs::path("SFT-12"));
    fs::remove(run().path / "lock");
    fs::create_directories(run().path / "lock");
    QVERIFY(refusal([&] { refuse_at_work(run()); }).find("is not an ordinary file") != std::string::npos);
  }

  void aModelKnowsItsRun() {
    const fs::path model = run().checkpoints() / "DPT-2" / "model";
    for (const fs::path& each : {model, model / ""}) QCOMPARE(run_of_model(each)->path, run().path);
    for (const fs::path& each : {run().path, model.parent_path(), run().checkpoints(), fs::path("/"), fs::path()})
      QVERIFY(!run_of_model(each));
    fs::remove(run().info());
    QVERIFY(!run_of_model(model));
  }

  /// Where it can't be told what a checkpoint is, no rule may take it for one too many.
  void hostileStatesSayNothing_data() {
    QTest::addColumn<QByteArray>("text");
    int number = 0;
    for (const char* text : {"", "[]", "{\"stage_done\": 1}", "{\"stage_step\": -1}", "{\"stage_index\": 1e30}",
                             "{\"mean_total\": \"low\"}", "{\"stage\": 3, \"stage_done\": false}"})
      QTest::addRow("case %d", ++number) << QByteArray(text);
  }

  void hostileStatesSayNothing() {
    QFETCH(QByteArray, text);
    make("SFT-14", text.toStdString());
    const auto last = run_checkpoints(run()).back();
    QCOMPARE(last.name, "SFT-14");
    QCOMPARE(last.step, int64_t{14});
    QVERIFY(last.stage_done);
  }

  void withDamagedNotesAllArePinned() {
    write_file_atomically(run().path / "notes.json", "{");
    QVERIFY(std::ranges::all_of(run_checkpoints(run()), &RunCheckpoint::pinned));
    QVERIFY(refusal([&] { delete_checkpoint(run(), "DPT-2"); }).find("pinned") != std::string::npos);
  }

  void deletingFreesItsBytes() {
    const auto before = bytes_below(run().path);
    const int64_t freed = delete_checkpoint(run(), "DPT-2");
    QCOMPARE(freed, before - bytes_below(run().path));
    QVERIFY(freed > 1000);
    QCOMPARE(names(), (std::vector<std::string>{"DPT-10", "SFT-12"}));
  }

  void whatIsNeededStays() {
    pin_checkpoint(run(), "DPT-2");
    QVERIFY(refusal([&] { delete_checkpoints(run(), {"DPT-10", "DPT-2"}); }).find("pinned") != std::string::npos);
    QVERIFY(refusal([&] { delete_checkpoints(run(), {"DPT-10", "SFT-12"}); }).find("newest") != std::string::npos);
    QVERIFY(refusal([&] { delete_checkpoint(run(), "DPT-3"); }).find("there are DPT-2, DPT-10") != std::string::npos);
    QVERIFY(refusal([&] { delete_checkpoint(run(), "../checkpoints/DPT-10"); }) != "did it");
    QCOMPARE(names().size(), size_t{3});
    QVERIFY(refusal([&] { delete_run(run()); }).find("pinned") != std::string::npos);
    QVERIFY(fs::exists(run().info()));
  }

  /// `latest` is lost; then the one of the highest step is the newest.
  void theNewestIsKnownWithoutItsPointer() {
    fs::remove(run().checkpoints() / "latest");
    QVERIFY(refusal([&] { delete_checkpoint(run(), "SFT-12"); }).find("newest") != std::string::npos);
  }

  void aRunAtWorkIsLeftAlone() {
    std::optional<RunLock> engine(run());
    QVERIFY(refusal([&] { delete_run(run()); }).find("another engine") != std::string::npos);
    QVERIFY(refusal([&] { delete_checkpoint(run(), "DPT-2"); }).find("another engine") != std::string::npos);
    QCOMPARE(names().size(), size_t{3});
    engine.reset();
    QCOMPARE(refusal([&] { delete_checkpoint(run(), "DPT-2"); }), "did it");
  }

  void aRunGoesWithAllThatIsInIt() {
    const auto bytes = bytes_below(run().path);
    QCOMPARE(delete_run(run()), bytes);
    QVERIFY(!fs::exists(run().path) && fs::is_empty(folder() / "runs"));
    QVERIFY_EXCEPTION_THROWN(delete_run(run()), UserError);
  }

  void aLinkedRunGoesFromWhereItIs() {
    fs::create_directories(folder() / "disk");
    fs::rename(run().path, folder() / "disk" / "one");
    fs::create_directory_symlink(folder() / "disk" / "one", run().path);
    QVERIFY(delete_run(run()) > 3000);
    QVERIFY(fs::is_empty(folder() / "disk") && fs::is_empty(folder() / "runs"));
  }

  /// What a killed deletion leaves is no run.
  void aHalfRemovedRunIsNone() {
    fs::rename(run().path, folder() / "runs" / "one.partial");
    QVERIFY(all_runs(folder() / "a.kdproj").empty());
    QVERIFY(!is_run_id("one.partial"));
  }

  void freeBytesAreKnownOrNot() {
    QVERIFY(free_bytes(folder()) > 0);
    QCOMPARE(free_bytes(folder() / "not there"), int64_t{-1});
  }
};

QTEST_APPLESS_MAIN(TestRunCheckpoints)
#include "tst_run_checkpoints.moc"
