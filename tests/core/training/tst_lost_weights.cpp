// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Weights that change or go away while a run reads them.
#include <QTemporaryDir>
#include <QTest>
#include <chrono>
#include <filesystem>
#include <functional>

#include "core/base/errors.h"
#include "core/training/train.h"
#include "tests/core/training/run_results.h"
#include "tests/core/training/tiny_project.h"

using namespace llavakd;
namespace fs = std::filesystem;

namespace {

void cut(const fs::path& file) {
  fs::resize_file(file, 1 << 12);
}

void touch(const fs::path& file) {
  fs::last_write_time(file, fs::last_write_time(file) + std::chrono::hours(1));
}

}  // namespace

class TestLostWeights : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  fs::path file_;
  Project project_;
  RunFolder whole_;

  RunResult run(const RunFolder& folder, const TrainOptions& options = {}, const EventSink& sink = {}) {
    RunControl control;
    return train(project_, file_, folder, sink, control, options);
  }

  /// Damages the file after a step; the error's sentence, or nothing if there was none.
  QString error_of(const RunFolder& folder, int64_t step, const fs::path& file,
                   const std::function<void(const fs::path&)>& damage) {
    try {
      run(folder, {}, [&](const Event& event) {
        if (event.is<StepEvent>() && event.step == step) damage(file);
      });
    } catch (const RunError& error) {
      return error.what();
    }
    return {};
  }

 private Q_SLOTS:
  void initTestCase() {
    file_ = fs::path(dir_.path().toStdString()) / "tiny.kdproj";
    project_ = write_tiny_project(file_.parent_path());
    project_.run.precision = "fp32";  // as the files are, which are mapped then
    whole_ = create_run(file_, "whole");
    QCOMPARE(run(whole_).steps, 18);
  }

  void theRunEndsWithASentence_data() {
    QTest::addColumn<QString>("model");
    QTest::addColumn<bool>("is_cut");
    for (const char* model : {"teacher", "student"})
      for (const bool is_cut : {true, false})
        QTest::addRow("%s %s", model, is_cut ? "cut short" : "written to") << model << is_cut;
  }

  void theRunEndsWithASentence() {
    QFETCH(QString, model);
    QFETCH(bool, is_cut);
    const fs::path weights = file_.parent_path() / model.toStdString() / "model.safetensors";
    const fs::path kept = file_.parent_path() / "kept";
    fs::copy_file(weights, kept, fs::copy_options::overwrite_existing);
    const RunFolder folder = create_run(file_, fmt::format("{}-{}", model.toStdString(), is_cut));
    const QString message = error_of(folder, 5, weights, is_cut ? cut : touch);
    fs::copy_file(kept, weights, fs::copy_options::overwrite_existing);
    QVERIFY2(message.contains(QString::fromStdString(weights.string())), qPrintable(message));
    QCOMPARE(count_of(folder, "failed"), 1);
    QCOMPARE(count_of(folder, "step"), 5);
    // What was saved before is whole, and its continuation what it would have been.
    QVERIFY(fs::exists(folder.checkpoints() / "DPT-4"));
    const RunResult result = run(folder, {.resume = true, .accept_changes = true});
    QVERIFY(same_models(whole_.checkpoints() / "DFT-18", result.checkpoint));
    QCOMPARE(steps_of(folder), steps_of(whole_));
  }
};

QTEST_GUILESS_MAIN(TestLostWeights)
#include "tst_lost_weights.moc"
