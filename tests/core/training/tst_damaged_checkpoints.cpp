// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Checkpoints that are damaged or gone: an older one is taken, and that is said.
#include <QTest>
#include <algorithm>
#include <filesystem>

#include "core/base/errors.h"
#include "core/checkpoint/tensor_io.h"
#include "core/io/atomic_file.h"
#include "core/io/json_file.h"
#include "tests/core/training/tiny_runs.h"

using namespace llavakd;
namespace fs = std::filesystem;

class TestDamagedCheckpoints : public QObject, TinyRuns {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { QVERIFY(begin()); }

  void aDamagedCheckpointIsLeftOut_data() {
    QTest::addColumn<QString>("damaged");
    for (const char* file : {"state.json", "optimizer.safetensors", "model/model.safetensors"})
      QTest::newRow(file) << file;
  }

  void aDamagedCheckpointIsLeftOut() {
    QFETCH(QString, damaged);
    const std::string file = damaged.toStdString();
    const RunFolder folder = create_run(file_, fmt::format("damaged-{}", fs::path(file).filename().string()));
    run_until(project_, folder, 5);
    fs::resize_file(folder.checkpoints() / "DPT-5" / file, 20);
    const RunResult result = run(project_, folder, {.resume = true});
    QVERIFY(warns(folder, "DPT-5 is left out"));
    QVERIFY(same_models(whole_.checkpoints() / "DFT-18", result.checkpoint));
    QCOMPARE(steps_of(folder), steps_of(whole_));
    for (const auto& entry : fs::directory_iterator(folder.checkpoints()))
      if (entry.is_directory()) fs::resize_file(entry.path() / file, 20);
    QVERIFY_THROWS_EXCEPTION(UserError, run(project_, folder, {.resume = true}));
  }

  void aMissingPartIsNamed_data() {
    QTest::addColumn<QString>("part");
    for (const char* part : {"state.json", "optimizer.safetensors", "model"}) QTest::newRow(part) << part;
  }

  /// No list shows such a checkpoint, so nobody would see that the run goes on from an older one.
  void aMissingPartIsNamed() {
    QFETCH(QString, part);
    const RunFolder folder = create_run(file_);
    run_until(project_, folder, 5);
    fs::remove_all(folder.checkpoints() / "DPT-5" / part.toStdString());
    const RunResult result = run(project_, folder, {.resume = true});
    QVERIFY(warns(folder, "DPT-5 is left out, because its " + part.toStdString() + " is missing"));
    QVERIFY(same_models(whole_.checkpoints() / "DFT-18", result.checkpoint));
    fs::remove_all(folder.path);
  }

  /// Without checksums, as earlier versions wrote checkpoints: the optimizer's shapes must be those of the model.
  void anOptimizerOfAnotherModelIsLeftOut() {
    const RunFolder folder = create_run(file_, "shapes");
    run_until(project_, folder, 5);
    const fs::path checkpoint = folder.checkpoints() / "DPT-5";
    fs::remove(checkpoint / "SHA256SUMS");
    TensorMap optimizer = read_tensors(checkpoint / "optimizer.safetensors");
    const auto moments = std::ranges::find_if(optimizer, [](const auto& entry) { return entry.second.dim() == 2; });
    QVERIFY(moments != optimizer.end());
    moments->second = at::zeros({3, 2});
    write_tensors(checkpoint / "optimizer.safetensors", optimizer);
    const RunResult result = run(project_, folder, {.resume = true});
    QVERIFY(warns(folder, "has another shape than the model's parameter"));
    QVERIFY(same_models(whole_.checkpoints() / "DFT-18", result.checkpoint));
  }

  void aFlippedBitIsNoticed_data() {
    QTest::addColumn<QString>("file");
    for (const char* file : {"optimizer.safetensors", "model/model.safetensors", "model/config.json"})
      QTest::newRow(file) << file;
  }

  /// Values that are others, but as good as any: only the checksums tell.
  void aFlippedBitIsNoticed() {
    QFETCH(QString, file);
    const std::string name = file.toStdString();
    const RunFolder folder = create_run(file_, fmt::format("flipped-{}", fs::path(name).filename().string()));
    run_until(project_, folder, 5);
    const fs::path damaged = folder.checkpoints() / "DPT-5" / name;
    std::string text = text_of(damaged);
    text[text.size() * 9 / 10 / 4 * 4 + 2] ^= 1;
    write_file_atomically(damaged, text);
    const RunResult result = run(project_, folder, {.resume = true});
    QVERIFY(warns(folder, "DPT-5 is left out"));
    QVERIFY(same_models(whole_.checkpoints() / "DFT-18", result.checkpoint));
    QCOMPARE(steps_of(folder), steps_of(whole_));
  }

  void checkpointsOfEarlierVersionsAreTakenWithAWord() {
    const RunFolder folder = create_run(file_, "unsummed");
    run_until(project_, folder, 5);
    fs::remove(folder.checkpoints() / "DPT-5" / "SHA256SUMS");
    const RunResult result = run(project_, folder, {.resume = true});
    QVERIFY(warns(folder, "DPT-5 holds no checksums"));
    QVERIFY(same_models(whole_.checkpoints() / "DFT-18", result.checkpoint));
  }

  void whatIsNoStateIsNotTakenForOne_data() {
    QTest::addColumn<QString>("key");
    QTest::addColumn<QString>("value");
    for (const char* value : {"-1", "1.5"})
      for (const char* key : {"stage_index", "stage_step", "step", "samples", "stage", "stage_done", "schedule"})
        QTest::addRow("%s %s", key, value) << key << value;
    QTest::newRow("no step") << "stage_step"
                             << "null";
    QTest::newRow("too many steps") << "stage_step"
                                    << "1000000000000000000";
    QTest::newRow("done") << "stage_done"
                          << "true";
    QTest::newRow("another stage") << "stage"
                                   << "\"XYZ\"";
    QTest::newRow("a later stage") << "stage_index"
                                   << "1";
    QTest::newRow("fewer samples than steps") << "samples"
                                              << "4";
    QTest::newRow("no place in a log") << "log"
                                       << "\"7.nothing\"";
    QTest::newRow("one step less") << "stage_step"
                                   << "4";
  }

  /// Without checksums, as earlier versions wrote checkpoints: the state's own values must not contradict each other.
  void whatIsNoStateIsNotTakenForOne() {
    QFETCH(QString, key);
    QFETCH(QString, value);
    const RunFolder folder = create_run(file_);
    run_until(project_, folder, 5);
    const fs::path checkpoint = folder.checkpoints() / "DPT-5";
    fs::remove(checkpoint / "SHA256SUMS");
    auto state = read_json(checkpoint / "state.json");
    state[key.toStdString()] = nlohmann::ordered_json::parse(value.toStdString());
    write_json(checkpoint / "state.json", state);
    const RunResult result = run(project_, folder, {.resume = true});
    QVERIFY(warns(folder, "DPT-5 is left out"));
    QVERIFY(same_models(whole_.checkpoints() / "DFT-18", result.checkpoint));
    fs::remove_all(folder.path);
  }

  void lostCheckpointsDontStartTheRunOver() {
    const RunFolder folder = create_run(file_, "lost");
    run_until(project_, folder, 5);
    const std::string events = text_of(folder.events());
    fs::rename(folder.checkpoints(), folder.path / "elsewhere");
    QVERIFY(refuses(folder));
    QCOMPARE(text_of(folder.events()), events);
    fs::remove_all(folder.checkpoints());
    fs::rename(folder.path / "elsewhere", folder.checkpoints());
    QVERIFY(!refuses(folder));
  }
};

QTEST_GUILESS_MAIN(TestDamagedCheckpoints)
#include "tst_damaged_checkpoints.moc"
