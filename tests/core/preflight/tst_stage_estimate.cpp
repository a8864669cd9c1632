// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <filesystem>
#include <fstream>

#include "core/io/json_file.h"
#include "core/preflight/preflight.h"
#include "core/preflight/run_measurement.h"
#include "core/preflight/sample_lengths.h"
#include "core/preflight/stage_estimate.h"

using namespace llavakd;
namespace fs = std::filesystem;

namespace {

using Json = nlohmann::ordered_json;

const fs::path models = fs::path(LLAVAKD_SOURCE_DIR) / "projects/emoji/models";

bool near(double a, double b) {
  return std::abs(a - b) <= 1e-6 * std::abs(b);
}

}  // namespace

/// The model of the step by hand-counted sizes, and estimates of a project with the emoji models.
class TestStageEstimate : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  fs::path folder_, file_;
  Project project_;

  static ModelConfig small() {
    ModelConfig config;
    config.vision.hidden_size = 8;
    config.vision.intermediate_size = 16;
    config.vision.num_hidden_layers = 2;
    config.vision.image_size = 28;
    config.vision.patch_size = 14;
    config.language.vocab_size = 100;
    config.language.hidden_size = 10;
    config.language.intermediate_size = 30;
    config.language.num_hidden_layers = 3;
    config.language.num_attention_heads = 2;
    config.language.num_key_value_heads = 1;
    config.language.head_dim = 5;
    return config;
  }
  static StepShape shape() {
    StepShape shape;
    shape.bytes_per_number = 2;
    shape.tokens_at_once = 20;
    shape.loss_rows = 5;
    shape.trained_parameters = 1000;
    shape.student_parameters = 4000;
    return shape;
  }

  std::vector<StageEstimate> estimates(const Project& project) const {
    std::vector<StageEstimate> found;
    preflight(project, file_, {}, &found);
    return found;
  }

 private Q_SLOTS:
  void initTestCase() {
    folder_ = dir_.path().toStdString();
    file_ = folder_ / "p.kdproj";
    fs::copy_file(fs::path(LLAVAKD_TEST_DATA_DIR) / "image/rgb.png", folder_ / "a.png");
    Json data = Json::array();
    for (const char* id : {"one", "two", "three", "four"})
      data.push_back({{"id", id},
                      {"image", "a.png"},
                      {"conversations",
                       {{{"from", "human"}, {"value", "<image>\nWho?"}}, {{"from", "gpt"}, {"value", "a fox"}}}}});
    write_json(folder_ / "data.json", data);
    project_.teacher.checkpoint = (models / "teacher").string();
    project_.student.language_model = (models / "language-student").string();
    project_.student.vision_tower = (models / "tower").string();
    project_.conversation_template = "no_system";
    project_.stages = {{.name = "DPT", .data = "data.json", .epochs = 5, .batch_size = 2},
                       {.name = "DFT", .train = {"connector", "language_model"}, .data = "data.json", .batch_size = 1}};
    for (StageOptions& stage : project_.stages) stage.terms.push_back({.term = "rdist"});
  }

  /// Weights 2 bytes, gradients 2, sums of several micro-batches 4, moments 8 and the lower halves 2.
  void weightsGradientsAndOptimizer() {
    StepShape one = shape();
    const StepMemory memory = step_memory(nullptr, small(), one);
    QCOMPARE(memory.student, 8000.0);
    QCOMPARE(memory.gradients, 2000.0);
    QCOMPARE(memory.optimizer, 10000.0);
    one.several_micro_batches = true;
    QCOMPARE(step_memory(nullptr, small(), one).gradients, 6000.0);
    one.on_host = false;
    QCOMPARE(step_memory(nullptr, small(), one).optimizer, 12000.0);
    one.bytes_per_number = 4;
    QCOMPARE(step_memory(nullptr, small(), one).gradients, 4000.0);
    QCOMPARE(step_memory(nullptr, small(), one).optimizer, 8000.0);
  }

  /// A frozen layer keeps 2 W + 2 Q + 2 K + 2 I = 110 numbers a token; besides the final norm's 2 W and what one layer
  /// works on, 2 W + 3 I.
  void activations() {
    const double frozen = 20 * 2 * (3 * 110 + 20 + 110);
    QCOMPARE(step_memory(nullptr, small(), shape()).activations, frozen);
    StepShape other = shape();
    other.language_learns = true;  // and 2 W + Q + I = 60 more
    QCOMPARE(step_memory(nullptr, small(), other).activations, frozen + 20 * 2 * 3 * 60.0);
    other.recompute = true;  // 3 W, and one layer
    QCOMPARE(step_memory(nullptr, small(), other).activations, 20 * 2 * (30.0 + 20 + 170 + 110));
  }

  /// SigLIP-so400m before Qwen2.5-0.5B, and teachers of 0.5B and 3B: 728 visual and 96 text tokens, 32 with a label,
  /// one sample, bf16. The peaks are those that README.md has measured; the program itself takes 0.19 GB.
  void thePublishedShapes_data() {
    QTest::addColumn<bool>("large_teacher");
    QTest::addColumn<bool>("language_learns");
    QTest::addColumn<double>("measured");
    QTest::newRow("DFT, 0.5B teacher") << false << true << 9.6;
    QTest::newRow("DPT, 0.5B teacher") << false << false << 3.8;
    QTest::newRow("DFT, 3B teacher") << true << true << 14.8;
  }
  void thePublishedShapes() {
    QFETCH(const bool, large_teacher);
    QFETCH(const bool, language_learns);
    QFETCH(const double, measured);
    ModelConfig student = small();
    student.vision = {.hidden_size = 1152, .intermediate_size = 4304, .num_hidden_layers = 27};
    student.language.vocab_size = 151936;
    student.language.hidden_size = 896;
    student.language.intermediate_size = 4864;
    student.language.num_hidden_layers = 24;
    student.language.num_attention_heads = 14;
    student.language.num_key_value_heads = 2;
    student.language.head_dim = 64;
    ModelConfig teacher = student;
    if (large_teacher) {
      teacher.language.hidden_size = 2048;
      teacher.language.intermediate_size = 11008;
      teacher.language.num_hidden_layers = 36;
      teacher.language.num_attention_heads = 16;
      teacher.language.head_dim = 128;
    }
    constexpr int64_t connector = 1152 * 896 + 896 * 896, language = 494'032'768, tower = 428'225'600;
    StepShape step;
    step.bytes_per_number = 2;
    step.tokens_at_once = 728 + 96;
    step.visual_at_once = 728;
    step.loss_rows = 728 + 32;
    step.distils = step.connector_learns = true;
    step.language_learns = language_learns;
    step.trained_parameters = connector + (language_learns ? language : 0);
    step.student_parameters = connector + language + tower;
    step.teacher_parameters = large_teacher ? 3'092'000'000 : connector + language;
    const double predicted = step_memory(&teacher, student, step).highest + 0.185e9;
    QVERIFY2(std::abs(predicted * 1e-9 - measured) < 0.05 * measured, QByteArray::number(predicted));
  }

  void theHighestPointIsNoMoreThanAllTogether() {
    for (const int64_t bytes : {2, 4})
      for (const bool several : {false, true}) {
        StepShape some = shape();
        some.bytes_per_number = bytes;
        some.several_micro_batches = several;
        const StepMemory memory = step_memory(nullptr, small(), some);
        const double sum = memory.student + memory.gradients + memory.optimizer + memory.activations + memory.logits;
        QVERIFY(memory.highest <= sum && memory.highest > 0.5 * sum);
      }
  }

  void lengthsOfSamples() {
    const auto found = estimates(project_);
    QCOMPARE(found.size(), size_t(2));
    QCOMPARE(found[0].stage, std::string("DPT"));
    QCOMPARE(found[0].steps, int64_t(10));
    QCOMPARE(found[0].samples, int64_t(20));
    QVERIFY(found[0].sample_operations > 0 && found[1].sample_operations > found[0].sample_operations);
  }

  void whatLearnsNeedsMore() {
    const auto found = estimates(project_);
    QVERIFY(found[1].step.gradients > found[0].step.gradients);
    QVERIFY(found[1].step.optimizer > found[0].step.optimizer);
    QVERIFY(found[1].disk_bytes() > 0 && found[0].memory_bytes > 1e8);
    QVERIFY(!found[0].seconds && !found[0].measured);
    Project float_project = project_;
    float_project.run.precision = "fp32";
    QVERIFY(near(estimates(float_project)[0].step.student, 2 * found[0].step.student));
  }

  /// Time comes from measured steps: of the stage itself, for any number of samples in a step; for another stage by the
  /// rate of its products. Features that are kept spare the tower from the second pass on.
  void timeIsMeasured() {
    const auto before = estimates(project_);
    StepMeasurement measured;
    measured.key = measurement_key(project_, project_.stages[0]);
    measured.stage = "DPT";
    measured.steps = 8;
    measured.samples = 2;
    measured.sample_seconds = 3;
    measured.vision_seconds = 1;
    measured.optimizer_seconds = 0.5;
    measured.sample_operations = before[0].sample_operations;
    measured.peak_memory_bytes = 300'000'000;
    add_measurements(file_, {measured});
    auto found = estimates(project_);
    // 20 samples in 10 steps; the picture is seen once, so that 19 of them spare the tower.
    QVERIFY2(found[0].seconds && near(*found[0].seconds, 20 * 3 + 10 * 0.5 - 19),
             std::to_string(*found[0].seconds).c_str());
    QVERIFY(found[0].time && near(found[0].time->vision, 1) && near(found[0].time->student, 20 * 2) &&
            near(found[0].time->optimizer, 10 * 0.5));
    QVERIFY(found[0].measured && near(found[0].memory_bytes, 3e8));
    QVERIFY(found[1].seconds && !found[1].measured);
    const double ratio = before[1].sample_operations / before[0].sample_operations;
    QVERIFY(near(*found[1].seconds, 4 * 3 * ratio + 4 * 0.5 - 3 * ratio));

    Project larger = project_;
    larger.stages[0].batch_size = 4;
    found = estimates(larger);
    QVERIFY(found[0].measured && near(*found[0].seconds, 20 * 3 + 5 * 0.5 - 19));
    larger.run.precision = "fp32";
    QVERIFY(!estimates(larger)[0].seconds);
    std::ofstream(measurements_file(file_)) << "[3]";
    QVERIFY(read_measurements(file_).empty());
  }

  /// Means over the steps but the first two; vision of those that computed it.
  void aRunIsAMeasurement() {
    RunMeasurement times;
    const auto step = [](double seconds, double vision) {
      return Event{
          .stage = "DPT",
          .body = StepEvent{
              .samples = 2, .seconds = seconds, .phases = {{"vision", vision}, {"teacher", 0.25}, {"optimizer", 0.5}}}};
    };
    times.add({.stage = "PT", .body = StepEvent{.samples = 2, .seconds = 99}});
    times.add(step(50, 9));
    times.add(step(50, 9));
    QVERIFY(!times.measured("one"));
    times.add(step(4, 1));  // student 2.25
    times.add(step(3, 0));  // the same, of pictures that are known
    const auto measured = times.measured("one");
    QVERIFY(measured && measured->stage == "DPT" && measured->run == "one" && measured->steps == 2);
    QVERIFY(near(measured->vision_seconds, 0.5) && near(measured->teacher_seconds, 0.125));
    QVERIFY(near(measured->optimizer_seconds, 0.5) && near(measured->sample_seconds, 1.125 + 0.5 + 0.125));
  }

  /// A run's times are taken, the memory of an older probe stays.
  void aRunKeepsTheMemoryOfAProbe() {
    std::ofstream(measurements_file(file_)) << "[]";
    StepMeasurement probe;
    probe.key = measurement_key(project_, project_.stages[0]);
    probe.samples = 2;
    probe.steps = 8;
    probe.sample_seconds = 3;
    probe.peak_memory_bytes = 300'000'000;
    add_measurements(file_, {probe});
    StepMeasurement run = probe;
    run.run = "one";
    run.sample_seconds = 1;
    run.peak_memory_bytes = 0;
    add_measurements(file_, {run});
    QCOMPARE(read_measurements(file_).size(), size_t(2));
    QCOMPARE(read_measurements(file_)[0].run, std::string("one"));
    const auto found = estimates(project_);
    QVERIFY(found[0].seconds && near(*found[0].seconds, 20));
    QVERIFY(found[0].measured->run == "one" && near(found[0].memory_bytes, 3e8));
    QVERIFY(to_json(found)[0]["measured"]["run"] == "one");
    std::ofstream(measurements_file(file_)) << "[]";
  }

  void newMeasurementsReplaceOlderOnes() {
    StepMeasurement measured;
    measured.key = measurement_key(project_, project_.stages[0]);
    measured.sample_seconds = 1;
    add_measurements(file_, {measured});
    measured.sample_seconds = 2;
    StepMeasurement other = measured;
    other.key = measurement_key(project_, project_.stages[1]);
    add_measurements(file_, {measured, other});
    const auto kept = read_measurements(file_);
    QCOMPARE(kept.size(), size_t(2));
    QCOMPARE(kept[0].sample_seconds, 2.0);
    QVERIFY(kept[0].key == measured.key);
  }
};

QTEST_APPLESS_MAIN(TestStageEstimate)
#include "tst_stage_estimate.moc"
