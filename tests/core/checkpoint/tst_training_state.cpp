// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include "core/base/errors.h"
#include "core/base/sha256.h"
#include "core/checkpoint/tensor_io.h"
#include "core/checkpoint/training_state.h"
#include "core/io/atomic_file.h"
#include "core/io/mapped_file.h"

using namespace llavakd;
namespace fs = std::filesystem;

class TestTrainingState : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void init() { m_folder = std::make_unique<QTemporaryDir>(); }

  void comesBackAsItWas() {
    const TrainingState state{{{"exp_avg/w", at::randn({2, 3})},
                               {"master/w", at::randn({3}, at::kDouble)},
                               {"step", at::tensor(7, at::kLong)},
                               {"half", at::randn({5}).to(at::kBFloat16)},
                               {"transposed", at::randn({2, 3}).t()}},
                              {{"stage", "DPT"}, {"cursor", 12}, {"seed", 18446744073709551615U}}};
    const fs::path folder = save(state, "DPT", 7, 0);
    QCOMPARE(folder.filename().string(), std::string("DPT-7"));
    const TrainingState back = read_training_state(folder);
    QCOMPARE(back.state, state.state);
    QCOMPARE(back.optimizer.size(), state.optimizer.size());
    for (const auto& [name, tensor] : state.optimizer) {
      QCOMPARE(back.optimizer.at(name).scalar_type(), tensor.scalar_type());
      QVERIFY2(at::equal(back.optimizer.at(name), tensor), name.c_str());
    }
    back.optimizer.at("exp_avg/w").add_(1);  // Its own memory: no fault.
    QVERIFY(fs::exists(folder / "model" / "weights"));
  }

  void keepsTheNewestAndPointsAtIt() {
    QVERIFY(!latest_training_checkpoint(root()));
    for (int64_t step = 1; step <= 4; ++step) {
      const fs::path folder = save({}, step < 3 ? "DPT" : "SFT", step, 2);
      QCOMPARE(*latest_training_checkpoint(root()), folder);
    }
    const auto left = list_training_checkpoints(root());
    QCOMPARE(left, (std::vector<fs::path>{root() / "SFT-3", root() / "SFT-4"}));
  }

  /// A copy has other times; and "10" comes after "9".
  void theOrderIsThatOfTheSteps() {
    for (const int64_t step : {10, 9, 2}) save({}, "DPT", step, 0);
    QCOMPARE(list_training_checkpoints(root()),
             (std::vector<fs::path>{root() / "DPT-2", root() / "DPT-9", root() / "DPT-10"}));
  }

  void aFlippedBitIsNoticed_data() {
    QTest::addColumn<QString>("file");
    for (const char* file : {"model/weights", "optimizer.safetensors", "state.json", "SHA256SUMS"})
      QTest::newRow(file) << file;
  }

  void aFlippedBitIsNoticed() {
    QFETCH(QString, file);
    const fs::path folder = save({{{"a", at::ones({4})}}, {{"step", 1}}}, "DPT", 1, 0);
    QVERIFY(verify_checkpoint(folder));
    const fs::path path = folder / file.toStdString();
    std::string text(MappedFile::open(path)->text());
    text[text.size() / 2] ^= 4;
    write_file_atomically(path, text);
    QVERIFY_EXCEPTION_THROWN(verify_checkpoint(folder), UserError);
    fs::remove(path);
    if (file == "SHA256SUMS")
      QVERIFY(!verify_checkpoint(folder));  // as earlier versions wrote checkpoints
    else
      QVERIFY_EXCEPTION_THROWN(verify_checkpoint(folder), UserError);
  }

  /// Checksums that were emptied or cut at a line's end say nothing of the files that they lack.
  void checksumsThatAreNotWholeAreNoticed() {
    const fs::path folder = save({{{"a", at::ones({4})}}, {{"step", 1}}}, "DPT", 1, 0);
    const std::string whole(MappedFile::open(folder / "SHA256SUMS")->text());
    for (const std::string& text : {std::string(), whole.substr(0, whole.find('\n') + 1)}) {
      write_file_atomically(folder / "SHA256SUMS", text);
      QVERIFY_EXCEPTION_THROWN(verify_checkpoint(folder), UserError);
    }
    write_file_atomically(folder / "SHA256SUMS", whole);
    for (const char* name : {".directory", "model/notes.md"}) write_file_atomically(folder / name, "mine");
    QVERIFY(verify_checkpoint(folder));
    write_file_atomically(folder / "model" / "adapter_config.json", "{}");
    QVERIFY_EXCEPTION_THROWN(verify_checkpoint(folder), UserError);
  }

  void checksumsThatLeaveTheFolderAreRefused() {
    const fs::path folder = save({}, "DPT", 1, 0);
    write_file_atomically(root() / "secret", "x");
    for (const char* name : {"../secret", "/etc/hostname", "model/../../secret"}) {
      write_file_atomically(folder / "SHA256SUMS", sha256("x") + "  " + name + "\n");
      QVERIFY_EXCEPTION_THROWN(verify_checkpoint(folder), UserError);
    }
  }

  void fallsBackWhenThePointerIsWrong() {
    save({}, "DPT", 1, 0);
    fs::create_symlink("loop", root() / "loop");
    for (const std::string& pointer : {std::string("DPT-9\n"), std::string("../elsewhere"), std::string(),
                                       std::string("DPT-2"), std::string("loop"), std::string(300, 'D')}) {
      write_file_atomically(root() / "latest", pointer);
      fs::create_directories(root() / "DPT-2");  // Not whole.
      QCOMPARE(*latest_training_checkpoint(root()), root() / "DPT-1");
    }
  }

  void aFailedSaveLeavesTheOldOnes() {
    save({}, "DPT", 1, 1);
    const auto failing = [](const fs::path&) {
      throw RunError("disk full");
    };
    QVERIFY_EXCEPTION_THROWN(save_training_checkpoint(root(), "DPT", 2, failing, {}, 1), RunError);
    QCOMPARE(list_training_checkpoints(root()), std::vector<fs::path>{root() / "DPT-1"});
    QVERIFY(!fs::exists(root() / "DPT-2.partial"));
  }

  void aKilledSaveIsSweptUp() {
    fs::create_directories(root() / "DPT-5.partial" / "model");
    save({}, "DPT", 6, 0);
    QVERIFY(!fs::exists(root() / "DPT-5.partial"));
  }

  void refusesNamesThatLeaveTheFolder() {
    for (const char* stage : {"", "a/b", "..", ".x"}) QVERIFY_EXCEPTION_THROWN(save({}, stage, 1, 0), UserError);
  }

  void missingFilesAreNamed() { QVERIFY_EXCEPTION_THROWN(read_training_state(root() / "DPT-1"), UserError); }

 private:
  fs::path save(const TrainingState& state, const std::string& stage, int64_t step, int64_t keep) const {
    const auto write_model = [](const fs::path& folder) {
      write_file_atomically(folder / "weights", "w");
    };
    return save_training_checkpoint(root(), stage, step, write_model, state, keep);
  }
  fs::path root() const { return m_folder->path().toStdString(); }
  std::unique_ptr<QTemporaryDir> m_folder;
};

QTEST_APPLESS_MAIN(TestTrainingState)
#include "tst_training_state.moc"
