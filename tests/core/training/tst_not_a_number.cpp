// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Losses and gradients that are not a number: what is named, and what run.not_a_number makes of it.
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <filesystem>
#include <limits>
#include <utility>
#include <vector>

#include "core/base/errors.h"
#include "core/distributed/single_process.h"
#include "core/run/run_notes.h"
#include "core/training/not_a_number.h"
#include "core/training/stage.h"
#include "core/training/train.h"
#include "tests/core/training/run_results.h"
#include "tests/core/training/tiny_project.h"

using namespace llavakd;
namespace fs = std::filesystem;

namespace {

/// 8 × 8 pixels of one level.
void write_plain_picture(const fs::path& file, png_byte level) {
  const std::vector<png_byte> pixels_of_it(8 * 8 * 3, level);
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = image.height = 8;
  image.format = PNG_FORMAT_RGB;
  if (!png_image_write_to_file(&image, file.c_str(), 0, pixels_of_it.data(), 0, nullptr))
    throw std::runtime_error("no picture");
}

/// White pixels become so large a number that the tower overflows; black ones become 0.
void write_overflowing_processor(const fs::path& model) {
  const std::vector<double> zeros(3, 0.0), tiny(3, 7.8e-37);
  write_json(model / "preprocessor_config.json", {{"image_processor_type", "SiglipImageProcessor"},
                                                  {"do_resize", true},
                                                  {"size", {{"height", 8}, {"width", 8}}},
                                                  {"resample", 3},
                                                  {"do_rescale", true},
                                                  {"rescale_factor", 1.0},
                                                  {"do_normalize", true},
                                                  {"image_mean", zeros},
                                                  {"image_std", tiny}});
}

/// Values of a picture that are all there, or one of which is none.
at::Tensor pixels(bool broken) {
  at::Tensor values = at::full({3, 8, 8}, 0.5, at::kFloat);
  if (broken) values[0][0][0] = std::numeric_limits<float>::quiet_NaN();
  return values;
}

Sequence sequence(const std::string& id, int64_t visual_tokens) {
  Sequence made{.id = id};
  made.segments = {{SegmentKind::visual, 0, visual_tokens},
                   {SegmentKind::prompt, visual_tokens, visual_tokens + 2},
                   {SegmentKind::response, visual_tokens + 2, visual_tokens + 4}};
  made.input_ids.assign(static_cast<size_t>(visual_tokens), image_token_index);
  made.labels.assign(static_cast<size_t>(visual_tokens) + 2, ignore_index);
  for (const int64_t id_of_token : {5, 6, 7, 8}) made.input_ids.push_back(id_of_token);
  for (const int64_t label : {7, 8}) made.labels.push_back(label);
  return made;
}

}  // namespace

class TestNotANumber : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  fs::path file_;
  Project project_;

  RunResult run(const Project& project, const RunFolder& folder, const TrainOptions& options = {},
                const EventSink& sink = {}) {
    RunControl control;
    return train(project, file_, folder, sink, control, options);
  }

  QString error_of(const Project& project, const RunFolder& folder) {
    try {
      run(project, folder);
    } catch (const RunError& error) {
      return error.what();
    }
    return {};
  }

  /// Ends the run as a kill does after the event of a step.
  void kill_at(const Project& project, const RunFolder& folder, int64_t step) {
    const auto fault = [&](const Event& event) {
      if (event.is<StepEvent>() && event.step == step) throw std::runtime_error("power cut");
    };
    QVERIFY_THROWS_EXCEPTION(std::runtime_error, run(project, folder, {}, fault));
  }

  /// Its first steps are so large that no number is left; with a lower rate they aren't.
  Project exploding() const {
    Project project = project_;
    project.schedule = {"DPT", "SFT"};
    project.stages[2].learning_rate = 1e25;
    project.stages[2].warmup_ratio = 0;
    project.run.not_a_number = "roll_back";
    project.run.roll_back_rate = 1e-28;
    project.run.roll_back_steps = 2;  // what the first large step left is saved, too
    project.run.checkpoint_every = 1;
    return project;
  }

 private Q_SLOTS:
  void initTestCase() {
    file_ = fs::path(dir_.path().toStdString()) / "tiny.kdproj";
    project_ = write_tiny_project(file_.parent_path());
  }

  void theSampleLeavesTheBatch() {
    const int64_t tokens = 4;
    StepBatch batch{.micro_batches = {MicroBatch{.sequences = {sequence("a", tokens), sequence("b", tokens)},
                                                 .images = {fs::path("a.png"), fs::path("b.png")},
                                                 .pixels = {pixels(false), pixels(true)}},
                                      MicroBatch{.sequences = {sequence("c", tokens)},
                                                 .images = {fs::path("c.png")},
                                                 .pixels = {pixels(false)}}},
                    .samples = 3,
                    .skipped = {"z: gone"},
                    .truncated = {}};
    const StepBatch rest = without_sample(batch, "b", "broken");
    QCOMPARE(rest.samples, int64_t{2});
    QCOMPARE(rest.micro_batches.size(), size_t{2});
    QCOMPARE(rest.micro_batches[0].sequences.front().id, std::string("a"));
    QCOMPARE(rest.micro_batches[0].images.size(), size_t{1});
    QCOMPARE(rest.skipped.back(), std::string("b: broken"));
    QCOMPARE(rest.told, size_t{1});
    QCOMPARE(without_sample(rest, "c", "broken").micro_batches.size(), size_t{1});
  }

  void sampleTermAndLayerAreNamed() {
    const MultimodalModel student = make_trainable(
        MultimodalModel(config_of_width(8), small_parameters(config_of_width(8), 1)), project_.stages[2]);
    AdamW optimizer(trained_parameters(student), {});
    SingleProcess alone;
    const int64_t tokens = student.config().visual_tokens();
    const auto message = [&](bool broken_picture, const MultimodalModel& model) -> QString {
      const StepBatch batch{.micro_batches = {MicroBatch{.sequences = {sequence("a", tokens), sequence("b", tokens)},
                                                         .images = {fs::path("a.png"), fs::path("b.png")},
                                                         .pixels = {pixels(false), pixels(broken_picture)}}},
                            .samples = 2,
                            .skipped = {},
                            .truncated = {}};
      TrainingStep step(nullptr, model, terms_of(project_.stages[2]), optimizer, {}, alone);
      try {
        step(batch, 0.1);
      } catch (const SampleError& error) {
        return error.what();
      }
      return {};
    };
    const QString picture = message(true, student);
    QVERIFY2(picture.contains("ce is not a number for sample “b”") && picture.contains("values of its picture"),
             qPrintable(picture));
    TensorMap parameters = student.parameters();
    for (auto& [name, tensor] : parameters)
      if (name.find("layers.1.") != std::string::npos && name.ends_with("down_proj.weight"))
        tensor = at::full_like(tensor, std::numeric_limits<float>::infinity());
    const QString layer = message(false, MultimodalModel(student.config(), parameters));
    QVERIFY2(layer.contains("the student's layer 1 of the language model"), qPrintable(layer));
  }

  void aRunLeavesOutTheSamplesAndGoesOn() {
    const fs::path folder = fs::path(dir_.path().toStdString()) / "overflowing";
    Project project = write_tiny_project(folder);
    for (const char* model : {"student", "teacher"}) write_overflowing_processor(folder / model);
    for (int i = 0; i < 4; ++i)
      write_plain_picture(folder / "images" / fmt::format("{}.png", i), i == 3 ? 255 : 0);  // of s3 and s7
    project.run.not_a_number = "skip_sample";
    project.run.most_samples_left_out = 100;
    const fs::path usual = std::exchange(file_, folder / "tiny.kdproj");
    const RunFolder whole = create_run(file_, "skip"), killed = create_run(file_, "skip-killed"),
                    ended = create_run(file_, "skip-ended");
    QCOMPARE(run(project, whole).steps, 18);
    QVERIFY(warns(whole, "is not a number for sample “s3”: the student's vision tower"));
    QVERIFY(warns(whole, "is not a number for sample “s7”"));
    int64_t skipped = 0;
    for (const Event& event : events_of(whole))
      if (const auto* step = event.as<StepEvent>()) skipped += step->skipped;
    QVERIFY(skipped >= 4);
    kill_at(project, killed, 11);
    const RunResult result = run(project, killed, {.resume = true});
    QVERIFY(same_models(whole.checkpoints() / "DFT-18", result.checkpoint));
    QCOMPARE(steps_of(killed), steps_of(whole));
    project.run.most_samples_left_out = 2;
    const QString message = error_of(project, ended);
    QVERIFY2(message.contains("run.most_samples_left_out"), qPrintable(message));
    file_ = usual;
  }

  void aRunGoesBackAndOnWithALowerRate() {
    const Project project = exploding();
    const RunFolder whole = create_run(file_, "back");
    QCOMPARE(run(project, whole).steps, 12);
    QVERIFY(warns(whole, "times the learning rate"));
    QCOMPARE(count_of(whole, "step"), 12);
    QCOMPARE(count_of(whole, "stage_started"), 2);
    // Whichever step it is killed at, before or after it went back.
    for (const int64_t step : {7, 8, 10}) {
      const RunFolder killed = create_run(file_, fmt::format("back-killed-{}", step));
      kill_at(project, killed, step);
      const RunResult result = run(project, killed, {.resume = true});
      QVERIFY(same_models(whole.checkpoints() / "SFT-12", result.checkpoint));
      QCOMPARE(steps_of(killed), steps_of(whole));
    }
  }

  void aRunGoesBackToItsBeginning() {
    Project project = exploding();
    project.schedule = {"SFT"};
    project.run.roll_back_steps = 100;
    const RunFolder folder = create_run(file_, "beginning");
    QCOMPARE(run(project, folder).steps, 6);
    QVERIFY(warns(folder, "goes back to step 0"));
    QCOMPARE(count_of(folder, "step"), 6);
    QCOMPARE(count_of(folder, "stage_started"), 1);
    QCOMPARE(count_of(folder, "run_started"), 1);
  }

  void aPinnedCheckpointIsKept() {
    Project project = exploding();
    const RunFolder folder = create_run(file_, "pinned");
    const auto pin = [&](const Event& event) {
      if (event.is<CheckpointEvent>() && event.step == 7) pin_checkpoint(folder, "SFT-7");
    };
    QVERIFY_THROWS_EXCEPTION(RunError, run(project, folder, {}, pin));
    QVERIFY(warns(folder, "SFT-7, which is pinned"));
    QVERIFY(fs::exists(folder.checkpoints() / "SFT-7"));
  }

  void aRunEndsWhereNothingHelps() {
    Project project = exploding();
    project.run.roll_back_rate = 1;
    project.run.most_roll_backs = 2;
    const RunFolder folder = create_run(file_, "no-help");
    const QString message = error_of(project, folder);
    QVERIFY2(message.contains("not a number") || message.contains("overflowed"), qPrintable(message));
    const auto told = [&](const RunFolder& of) {
      return std::ranges::count_if(events_of(of), [](const Event& event) {
        const auto* warning = event.as<WarningEvent>();
        return warning && warning->message.find("times the learning rate") != std::string::npos;
      });
    };
    QCOMPARE(told(folder), std::ptrdiff_t{2});
    project.run.not_a_number = "stop";
    const RunFolder stopped = create_run(file_, "stop");
    QVERIFY(!error_of(project, stopped).isEmpty());
    QVERIFY(!warns(stopped, "times the learning rate"));
  }
};

QTEST_GUILESS_MAIN(TestNotANumber)
#include "tst_not_a_number.moc"
