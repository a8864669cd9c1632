// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <array>
#include <cmath>
#include <filesystem>

#include "core/models/forward.h"
#include "core/training/adamw.h"
#include "core/training/stage.h"
#include "tests/golden/golden_case.h"
#include "tests/golden/golden_tests.h"

using namespace llavakd;
namespace fs = std::filesystem;

namespace {

StageOptions stage_named(const std::string& name) {
  StageOptions stage{.name = name};
  if (name != "dpt") stage.train = {"connector", "language_model"};
  if (name != "sft")
    for (const char* term : {"mdist_response", "mdist_visual", "rdist"})
      stage.terms.push_back({.term = term, .weight = std::string(term) == "rdist" ? 0.5 : 1.0});
  return stage;
}

bool near(double actual, double expected, double relative, double absolute = 0) {
  const bool ok = std::abs(actual - expected) <= relative * std::abs(expected) + absolute;
  if (!ok) qWarning("%.9g instead of %.9g", actual, expected);
  return ok;
}

}  // namespace

/// Three steps of each stage against the reference (Hugging Face models, torch AdamW): terms, norms, weights.
class GoldenTraining : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void threeSteps_data() { golden::add_cases(); }
  void threeSteps() {
    QFETCH(QString, name);
    const golden::Case golden = golden::open_case(golden::root / "vlm" / name.toStdString());
    for (const auto& [stage, expected] : golden.expected["training"]["stages"].items()) {
      qInfo("%s", stage.c_str());
      runStage(golden, stage, expected);
      if (QTest::currentTestFailed()) return;
    }
  }

 private:
  void runStage(const golden::Case& golden, const std::string& name, const golden::Json& expected) {
    const fs::path& case_folder = golden.folder;
    const MultimodalModel teacher = golden::open_model(case_folder / "teacher");
    const StageOptions stage = stage_named(name);
    const MultimodalModel student = make_trainable(golden::open_model(case_folder / "student"), stage);
    const std::vector<Term> terms = terms_of(stage);
    AdamW optimizer(trained_parameters(student), {.max_grad_norm = 1});
    GradientBuffer gradients(trained_parameters(student));

    const double learning_rate = expected["lr"];
    constexpr std::array kinds = {"ce", "mdist_response", "mdist_visual", "rdist"};
    for (size_t step = 0; step < 4; ++step) {
      std::array<double, 4> means{};
      double total = 0;
      const golden::Json& samples = golden.expected["samples"];
      int64_t count = 0;
      for (const auto& sample : samples) count += golden::is_skipped(sample) ? 0 : 1;
      for (const auto& sample : samples) {
        const Sequence sequence = golden::sequence_of(sample, student.config().visual_tokens());
        if (sequence.skipped) continue;
        const at::Tensor pixels = golden::pixels_of(golden, sequence.id, student.config());
        const auto predict = [&](const MultimodalModel& model) {
          return ModelOutput{model.hidden_states(embed_samples(model, {sequence}, pixels), {}),
                             model.head_weight(),
                             {},
                             model.head_bias()};
        };
        const ModelOutput from_teacher = predict(teacher);
        const LossResult loss = distillation_loss(predict(student), &from_teacher, {sequence}, terms, double(count));
        for (size_t kind = 0; kind < 4; ++kind) means[kind] += loss.samples[0][kinds[kind]].value_or(0) / double(count);
        total += loss.total.item<double>();
        if (loss.total.requires_grad()) loss.total.backward();  // not of a text alone where only the connector learns
        gradients.finish_micro_batch();
      }
      const auto& trace = expected["trace"][step];
      QVERIFY(near(means[0], trace["ce"], 1e-4));
      if (stage.terms.size() == 4) {
        QVERIFY(near(means[1], trace["res"], 1e-4));
        QVERIFY(near(means[2], trace["vis"], 1e-4));
        QVERIFY(near(means[3], trace["rel"], 1e-4));
      }
      QVERIFY(near(total, trace["total"], 1e-4));
      if (step == 3) break;
      const double norm = gradients.norm();
      QVERIFY(near(norm, expected["grad_norm_before_clip"][step], 1e-3));
      optimizer.step(gradients, learning_rate, norm);
    }
    for (const auto& entry : expected["after"]) {
      const at::Tensor tensor = student.parameters().at(entry["name"]).detach().reshape({-1});
      QVERIFY(near(tensor[entry["index"].get<int64_t>()].item<double>(), entry["value"], 1e-4, 2e-5));
    }
  }
};

std::unique_ptr<QObject> golden::make_training() {
  return std::make_unique<GoldenTraining>();
}

#include "golden_training.moc"
