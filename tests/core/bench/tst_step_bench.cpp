// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <cmath>

#include "core/bench/process_facts.h"
#include "core/bench/step_bench.h"
#include "tests/core/bench/given_file.h"
#include "tests/core/checkpoint/tiny_model.h"

using namespace llavakd;

class TestStepBench : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  std::filesystem::path folder_;

  StepBenchOptions options(const std::string& stage) const {
    return {.teacher = folder_ / "teacher",
            .student = folder_ / "student",
            .samples = folder_ / "samples.safetensors",
            .stage = stage,
            .precision = "fp32",
            .steps = 3,
            .measure_gemm = false};
  }

 private Q_SLOTS:
  void initTestCase() {
    folder_ = dir_.path().toStdString();
    // Neither has a tokenizer.
    const TensorMap parameters = random_parameters(tiny_config());
    TensorMap other = parameters;
    for (auto& [name, tensor] : other)
      if (name.starts_with("language_model.")) tensor = tensor * 0.5;
    write_folder(folder_ / "teacher", write_model_config(tiny_config(), "float32"), parameters);
    write_folder(folder_ / "student", write_model_config(tiny_config(), "float32"), other);
    write_tensors(folder_ / "samples.safetensors", given_tensors());
  }

  void stages_data() {
    QTest::addColumn<QString>("stage");
    QTest::addColumn<int>("terms");
    QTest::newRow("dpt") << "dpt" << 4;
    QTest::newRow("SFT") << "SFT" << 1;
    QTest::newRow("Dft") << "Dft" << 4;
  }

  void stages() {
    QFETCH(const QString, stage);
    QFETCH(const int, terms);
    int told = 0;
    const StepBench bench = bench_step(options(stage.toStdString()), [&](const MeasuredStep&) { ++told; });
    QCOMPARE(told, 4);
    QCOMPARE(bench.steps.size(), size_t{4});
    QVERIFY(!bench.steps[0].timed && bench.steps[1].timed);
    QCOMPARE(static_cast<int>(bench.steps[0].terms.size()), terms);
    for (const MeasuredStep& step : bench.steps) {
      QVERIFY(std::isfinite(step.total));
      QVERIFY(std::isfinite(step.gradient_norm));
      QVERIFY(step.seconds > 0);
    }
    // The first step sees sample 0, the second sample 1, the third sample 0 again with changed weights.
    QVERIFY(bench.steps[2].total != bench.steps[0].total);
    QVERIFY(bench.step_seconds > 0);
    QVERIFY(bench.phases.backward > 0);
    QVERIFY(bench.peak_memory_bytes > 0);
    QCOMPARE(bench.same_tower, stage != "SFT");
    QVERIFY(bench.needed_operations > 0);
    QCOMPARE(bench.gemm_operations_per_second, 0.0);
  }

  void learnsFromTheSameNumbersHoweverTheBatchIsCut() {
    StepBenchOptions whole = options("DFT");
    whole.batch_size = 2;
    StepBenchOptions cut = whole;
    whole.micro_batch_size = 2;
    const auto a = bench_step(whole).steps, b = bench_step(cut).steps;
    for (size_t i = 0; i < a.size(); ++i) {
      QVERIFY(std::abs(a[i].total - b[i].total) < 1e-5 * std::abs(a[i].total));
      QVERIFY(std::abs(a[i].gradient_norm - b[i].gradient_norm) < 1e-4 * a[i].gradient_norm);
    }
  }

  void goesTwiceOverTheSamplesWithCaches() {
    StepBenchOptions cached = options("DFT");
    cached.cache = true;
    cached.steps = 2;
    cached.warmup = 0;
    const StepBench bench = bench_step(cached), plain = bench_step([&] {
                                                  StepBenchOptions twice = cached;
                                                  twice.cache = false;
                                                  twice.steps = 4;
                                                  return twice;
                                                }());
    QCOMPARE(bench.steps.size(), size_t{4});
    QCOMPARE(bench.steps[3].epoch, 2);
    QVERIFY(bench.first_epoch_seconds > 0);
    for (size_t i = 0; i < 4; ++i) QVERIFY(std::abs(bench.steps[i].total - plain.steps[i].total) < 1e-5);
  }

  void refusesWhatItCannotTime() {
    const auto refused = [](const StepBenchOptions& wrong, const char* named) {
      try {
        bench_step(wrong);
      } catch (const UserError& error) {
        return std::string_view(error.what()).find(named) != std::string_view::npos;
      }
      return false;
    };
    StepBenchOptions wrong = options("PT");
    QVERIFY(refused(wrong, "\"PT\""));
    wrong = options("DFT");
    wrong.precision = "int8";
    QVERIFY(refused(wrong, "int8"));
    wrong = options("DFT");
    wrong.weights = "mine";
    QVERIFY(refused(wrong, "mine"));
    wrong = options("DFT");
    wrong.teacher.clear();
    QVERIFY(refused(wrong, "--teacher"));
    wrong = options("DFT");
    wrong.student = folder_ / "none";
    QVERIFY(refused(wrong, "none"));
    wrong = options("DFT");
    wrong.samples = folder_ / "none.safetensors";
    QVERIFY(refused(wrong, "none.safetensors"));
    StepBenchOptions alone = options("SFT");
    alone.teacher.clear();
    QCOMPARE(bench_step(alone).steps.size(), size_t{4});
  }

  void knowsItsProcess() {
    const double age = process_age_seconds();
    QVERIFY(age > 0 && age < 600);
  }
};

QTEST_APPLESS_MAIN(TestStepBench)
#include "tst_step_bench.moc"
