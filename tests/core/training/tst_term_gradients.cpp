// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/term_gradients.h"

#include <QTest>
#include <cmath>
#include <set>

#include "core/data/sampler.h"
#include "core/training/stage_data.h"
#include "tests/core/training/tiny_runs.h"

using namespace llavakd;

class TestTermGradients : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  std::filesystem::path file_;
  Project project_;

  TermGradients gradients_of(const std::string& stage, int64_t samples = 4) const {
    return term_gradients(project_, file_, {.stage = stage, .samples = samples});
  }
  std::string refusal(const Project& project, const TermGradientsOptions& options) const {
    try {
      term_gradients(project, file_, options);
    } catch (const UserError& error) {
      return error.what();
    }
    return "";
  }
  /// What a run records of its first step.
  StepEvent first_step(const Project& project) const {
    std::optional<StepEvent> first;
    RunControl control;
    const EventSink sink = [&](const Event& event) {
      if (const auto* step = event.as<StepEvent>(); step && !first) first = *step;
      if (first) control.stop();
    };
    TrainOptions options;
    options.evaluate = false;
    train(project, file_, create_run(file_, "short"), sink, control, options);
    return first.value();
  }

 private Q_SLOTS:
  void initTestCase() {
    file_ = std::filesystem::path(dir_.path().toStdString()) / "tiny.kdproj";
    project_ = write_tiny_project(file_.parent_path());
  }

  /// The same samples, the same gradient, the same values as the run's first step.
  void agreesWithTheRun() {
    Project alone = project_;
    alone.schedule = {"DFT"};
    const StepEvent step = first_step(alone);
    const TermGradients found = term_gradients(alone, file_, {.samples = 4});
    QCOMPARE(found.stage, std::string("DFT"));
    QCOMPARE(static_cast<int64_t>(found.samples.size()), step.samples);
    const GradientShares total = gradient_shares(found.products(), found.weights());
    QVERIFY(step.grad_norm > 0 && std::abs(total.norm - step.grad_norm) < 1e-4 * step.grad_norm);
    for (const TermOnBatch& each : found.terms) {
      const double recorded = number_of(step.terms, each.term);
      QVERIFY2(std::abs(each.value - recorded) < 1e-4 * std::abs(recorded), each.term.c_str());
    }
  }

  /// A term that is off could be switched on: its gradient is known, and its weight is 0.
  void knowsTheTermsThatAreOff() {
    const TermGradients found = gradients_of("SFT");
    QCOMPARE(found.terms.size(), term_catalog().size());
    const std::vector<double> norms = gradient_norms(found.products());
    for (size_t t = 0; t < norms.size(); ++t) {
      QVERIFY(norms[t] > 0);
      QCOMPARE(found.terms[t].weight, t == 0 ? 1.0 : 0.0);
    }
    const GradientShares total = gradient_shares(found.products(), found.weights());
    QVERIFY(std::abs(total.shares[0] - 1) < 1e-12);
  }

  void withoutATeacherTheOthersAreLeft() {
    Project lone = project_;
    lone.teacher.checkpoint.clear();
    const TermGradients found = term_gradients(lone, file_, {.stage = "SFT", .samples = 2});
    QCOMPARE(found.terms.size(), size_t{1});
    QVERIFY(!found.notes.empty() && found.notes.front().find("no teacher") != std::string::npos);
    QVERIFY(!refusal(lone, {.stage = "DFT"}).empty());
  }

  void takesTheFirstSamplesOfTheStage() {
    const TermGradients found = gradients_of("DFT", 3);
    QCOMPARE(found.seed, stage_seed(project_.run.seed, 2));
    const auto dataset = open_dataset(file_.parent_path() / "data.json");
    const auto order = stage_order(project_.stages[3], *dataset, found.seed);
    std::vector<std::string> wanted;
    for (size_t i = 0; i < 3; ++i) wanted.push_back(dataset->sample(order[i])->id);
    std::erase(wanted, "s9");  // its answer is cut off
    QVERIFY(found.samples == wanted);
    QCOMPARE(found.samples.size() + found.notes.size(), size_t{3});
    // The stage is 6 steps of 4 samples long.
    const TermGradients all = gradients_of("DFT", 200);
    QCOMPARE(all.samples.size() + all.notes.size(), size_t{24});
  }

  /// The weights of another model give other gradients, and the result says which.
  void looksAtACheckpoint() {
    const auto other = file_.parent_path() / "other";
    const ModelConfig small = config_of_width(8);
    save_checkpoint(other, small, small_parameters(small, 5), {.tokenizer_from = file_.parent_path() / "tokenizer"});
    const TermGradients first = gradients_of("DFT", 2),
                        found = term_gradients(project_, file_, {.stage = "DFT", .samples = 2, .student = other});
    QCOMPARE(found.student, other.string());
    QVERIFY(first.student.empty() && found.samples == first.samples && found.products() != first.products());
  }

  void refusesWhatCantBeRun() {
    QVERIFY(refusal(project_, {}).find("DPT, SFT, DFT") != std::string::npos);
    QVERIFY(refusal(project_, {.stage = "PT"}).find("PT") != std::string::npos);  // not in the schedule
    Project nothing = project_;
    nothing.stages[3].train.clear();
    QVERIFY(refusal(nothing, {.stage = "DFT"}).find("trains nothing") != std::string::npos);
  }

  void changesNothing() {
    std::set<std::filesystem::path> before, after;
    const auto list = [&](std::set<std::filesystem::path>& into) {
      for (const auto& entry : std::filesystem::recursive_directory_iterator(file_.parent_path()))
        into.insert(entry.path());
    };
    list(before);
    gradients_of("DPT", 1);
    list(after);
    QVERIFY(before == after);
  }
};

QTEST_GUILESS_MAIN(TestTermGradients)
#include "tst_term_gradients.moc"
