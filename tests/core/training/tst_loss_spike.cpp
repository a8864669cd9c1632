// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "core/training/loss_spike.h"
#include "core/training/train.h"
#include "tests/core/training/tiny_project.h"

using namespace llavakd;
namespace fs = std::filesystem;

namespace {

StepEvent step_of(double ce, double rdist) {
  return {.terms = {{"ce", ce}, {"rdist", 2 * rdist}},
          .weighted = {{"ce", ce}, {"rdist", rdist}},
          .total = ce + rdist,
          .learning_rate = 1e-3};
}

/// Sixty samples of the same text, and six with a picture, where a term with a huge weight applies, too.
void write_spiked_data(const fs::path& file) {
  using Json = nlohmann::ordered_json;
  Json samples = Json::array();
  for (int i = 0; i < 66; ++i) {
    const bool odd = i % 11 == 10;
    const Json turns = {{{"from", "human"}, {"value", odd ? "<image>\nWhat?" : "What?"}},
                        {{"from", "gpt"}, {"value", "a fox"}}};
    Json sample = {{"id", fmt::format("{}-{}", odd ? "odd" : "plain", i)}, {"conversations", turns}};
    if (odd) sample["image"] = "0.png";
    samples.push_back(sample);
  }
  write_json(file, samples);
}

}  // namespace

class TestLossSpike : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void namesTermSampleAndTensor() {
    const TensorMap parameters = {{"connector.weight", at::ones({1})}, {"language_model.weight", at::ones({1})}};
    LossSpikes spikes("DFT", parameters);
    for (int step = 1; step <= 30; ++step)
      QVERIFY(!spikes.look_at(step, step_of(2 + 0.01 * (step % 5), 0.5), {.id = "a", .loss = 3}, {}));
    const auto told = spikes.look_at(31, step_of(9.02, 0.6), {.id = "b-7", .loss = 31.5}, {.index = 1, .share = 0.82});
    QVERIFY(told);
    const QString text = QString::fromStdString(*told);
    QVERIFY2(text.startsWith(QStringLiteral("Step 31: the loss is 9.62, usually 2.52 (robust z-score ")),
             qPrintable(text));
    QVERIFY2(text.contains(QStringLiteral(" ce has risen most, by 7 with its weight.")), qPrintable(text));
    QVERIFY2(text.contains(QStringLiteral(" Sample “b-7” has the highest loss, 31.5.")), qPrintable(text));
    QVERIFY2(text.contains(QStringLiteral(" language_model.weight has 82 % of the squared gradient.")),
             qPrintable(text));
    QVERIFY(!spikes.look_at(32, step_of(9.02, 0.6), {}, {}));  // the same incident
  }

  void saysNothingThatIsNotKnown() {
    LossSpikes spikes("DFT", {});
    for (int step = 1; step <= 30; ++step) spikes.look_at(step, step_of(2 + 0.01 * (step % 5), 0.5), {}, {});
    const auto told = spikes.look_at(31, step_of(9, 0.5), {}, {});
    QVERIFY(told);
    QVERIFY(told->find("Sample") == std::string::npos && told->find("gradient") == std::string::npos);
  }

  void aRunTellsAndGoesOn() {
    const QTemporaryDir folder;
    const fs::path file = fs::path(folder.path().toStdString()) / "tiny.kdproj";
    Project project = write_tiny_project(file.parent_path());
    write_spiked_data(file.parent_path() / "spiked.json");
    StageOptions stage = stage_of("DFT", false);
    stage.data = "spiked.json";
    stage.epochs = 1;
    stage.max_steps = 66;
    stage.batch_size = stage.micro_batch_size = 1;
    stage.learning_rate = 1e-12;
    stage.terms.push_back({.term = "mdist_visual", .weight = 1e4});
    project.stages = {stage};
    project.schedule = {"DFT"};
    project.run.checkpoint_every = 0;
    std::vector<std::string> warnings;
    const EventSink sink = [&](const Event& event) {
      if (const auto* warning = event.as<WarningEvent>()) warnings.push_back(warning->message);
    };
    RunControl control;
    const RunFolder run = create_run(file, "spiked");
    QCOMPARE(train(project, file, run, sink, control, {}).steps, int64_t{66});
    const auto spike = std::ranges::find_if(
        warnings, [](const std::string& text) { return text.find("robust z-score") != std::string::npos; });
    QVERIFY(spike != warnings.end());
    QVERIFY2(spike->find("mdist_visual has risen most") != std::string::npos, spike->c_str());
    QVERIFY2(spike->find("Sample “odd-") != std::string::npos, spike->c_str());
    QVERIFY2(spike->find("% of the squared gradient") != std::string::npos, spike->c_str());
  }
};

QTEST_GUILESS_MAIN(TestLossSpike)
#include "tst_loss_spike.moc"
