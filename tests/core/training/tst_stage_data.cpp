// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>
#include <algorithm>
#include <set>

#include "core/base/errors.h"
#include "core/data/sample_sets.h"
#include "core/data/sampler.h"
#include "core/project/project_file.h"
#include "core/text/conversation.h"
#include "core/training/stage.h"
#include "core/training/stage_data.h"

using namespace llavakd;

namespace {

/// 10 samples, of which the last 4 have no picture.
SampleList ten_samples() {
  std::vector<Sample> samples;
  for (int i = 0; i < 10; ++i) {
    Sample sample{.id = std::to_string(i),
                  .turns = {{Speaker::human, "What?"}, {Speaker::gpt, std::string(static_cast<size_t>(i), 'a')}}};
    if (i < 6) sample.images = {"a.png"};
    samples.push_back(std::move(sample));
  }
  return SampleList(std::move(samples));
}

StageOptions stage_with(int64_t batch, double epochs, const std::string& sampler = "random") {
  StageOptions stage;
  stage.batch_size = batch;
  stage.epochs = epochs;
  stage.sampler = sampler;
  return stage;
}

PreparedSample sample_with(const std::string& id, bool skipped, int64_t images) {
  PreparedSample sample;
  sample.sequence.id = id;
  std::vector<int64_t> ids{1, 2};
  ids.insert(ids.end(), static_cast<size_t>(images), image_token_index);
  expand_images(ids, ids, 3, 64, sample.sequence);
  for (int64_t i = 0; i < images; ++i) {
    sample.images.emplace_back(id + std::to_string(i));
    sample.pixel_values.emplace_back(12, static_cast<float>(i));
  }
  if (skipped) sample.sequence.skipped = "no_labels";
  return sample;
}

}  // namespace

class TestStageData : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void epochsFollowWithoutAGap() {
    const auto order = stage_order(stage_with(4, 2.5), ten_samples(), 7);
    QCOMPARE(order.size(), size_t(25));
    for (const size_t epoch : {0, 10}) {
      const std::set<int64_t> seen(order.begin() + static_cast<long>(epoch),
                                   order.begin() + static_cast<long>(epoch) + 10);
      QCOMPARE(seen.size(), size_t(10));
    }
    QVERIFY(!std::equal(order.begin(), order.begin() + 10, order.begin() + 10));
    QVERIFY(order == stage_order(stage_with(4, 2.5), ten_samples(), 7));
    QVERIFY(order != stage_order(stage_with(4, 2.5), ten_samples(), 8));
  }

  /// 20.4 samples are 20, which five steps take: a sixth would have none.
  void noStepIsWithoutSamples() {
    const StageOptions stage = stage_with(4, 2.04);
    QCOMPARE(stage_steps(stage, 10), int64_t{5});
    QCOMPARE(stage_order(stage, ten_samples(), 7).size(), size_t(20));
    QCOMPARE(stage_steps(stage_with(4, 0.001), 10), int64_t{1});
    QCOMPARE(stage_order(stage_with(4, 0.001), ten_samples(), 7).size(), size_t(1));
  }

  void maxStepsCutsTheOrder() {
    StageOptions stage = stage_with(4, 2);
    stage.max_steps = 3;
    QCOMPARE(stage_order(stage, ten_samples(), 7).size(), size_t(12));
  }

  void batchesOfOneKindStayTogether() {
    const auto order = stage_order(stage_with(2, 4, "modality_length"), ten_samples(), 7);
    QCOMPARE(order.size(), size_t(40));
    for (size_t i = 0; i < order.size(); i += 2) QCOMPARE(order[i] < 6, order[i + 1] < 6);
  }

  /// What the window lists before a run is what the run begins with.
  void theFirstBatchIsKnownBefore() {
    for (const char* sampler : {"random", "modality_length"}) {
      SampleSet set;
      set.sampler = sampler;
      set.batch_size = 4;
      QVERIFY(first_batch(set, ten_samples()).empty());  // of a stage that doesn't run
      set.seed = 7;
      auto order = stage_order(stage_with(4, 2, sampler), ten_samples(), 7);
      order.resize(4);
      QVERIFY2(first_batch(set, ten_samples()) == order, sampler);
    }
  }

  void skippedSamplesAreLeftOut() {
    std::vector<PreparedSample> samples;
    for (const auto& [id, skipped] : {std::pair("a", false), {"b", true}, {"c", false}, {"d", false}})
      samples.push_back(sample_with(id, skipped, 1));
    const StepBatch step = make_step_batch(std::move(samples), 2, 2);
    QCOMPARE(step.samples, 3);
    QCOMPARE(step.skipped, (std::vector<std::string>{"b: no_labels"}));
    QCOMPARE(step.micro_batches.size(), size_t(2));
    QVERIFY((step.micro_batches[0].images == std::vector<ImageRef>{"a0", "c0"}));
    QCOMPARE(step.micro_batches[0].tokens(), 10);
    QVERIFY(step.micro_batches[0].pixels[0].sizes() == (at::IntArrayRef{3, 2, 2}));
  }

  void oneSampleTakesItsPicturesAlong() {
    std::vector<PreparedSample> samples;
    samples.push_back(sample_with("a", false, 2));
    samples.push_back(sample_with("b", false, 0));
    samples.push_back(sample_with("c", false, 1));
    const StepBatch step = make_step_batch(std::move(samples), 4, 2);
    const MicroBatch& batch = step.micro_batches[0];
    QVERIFY((part(batch, 0, 1).images == std::vector<ImageRef>{"a0", "a1"}));
    QVERIFY((part(batch, 1, 1).images == std::vector<ImageRef>{"c0"}));
    QVERIFY(part(batch, 2, 1).images.empty());
    QVERIFY((part(batch, 1, 2).images == std::vector<ImageRef>{"c0"}));
  }

  /// Samples that go together have similar lengths; alone they keep their order.
  void samplesOfOneLengthGoTogether() {
    const auto ids = [](int64_t together) {
      std::vector<PreparedSample> samples;
      for (const auto& [id, images] : {std::pair("a", 0), {"b", 2}, {"c", 0}, {"d", 2}})
        samples.push_back(sample_with(id, false, images));
      std::string order;
      for (const MicroBatch& micro : make_step_batch(std::move(samples), together, 2).micro_batches)
        for (const Sequence& sequence : micro.sequences) order += sequence.id;
      return order;
    };
    QCOMPARE(ids(2), std::string("bdac"));
    QCOMPARE(ids(1), std::string("abcd"));
  }

  void seedsOfStagesDiffer() {
    QVERIFY(stage_seed(0, 0) != stage_seed(0, 1));
    QVERIFY(stage_seed(0, 0) != stage_seed(1, 0));
    QVERIFY(stage_seed(0, 1) == stage_seed(0, 1));
  }

  void termsComeFromTheOptions() {
    StageOptions stage;
    stage.terms = {
        {.term = "ce"}, {.term = "rdist", .weight = 0.5, .on = "hidden"}, {.term = "mdist_visual", .weight = 0}};
    const auto terms = terms_of(stage);
    QCOMPARE(terms.size(), size_t(2));
    QVERIFY(terms[1].on_hidden && terms[1].weight == 0.5);
    stage.terms = {
        {.term = "mdist_response", .temperature = 2, .divergence = "jsd", .temperature_squared = "off", .beta = 0.25}};
    const Term jsd = terms_of(stage).at(0);
    QVERIFY(jsd.divergence == divergence_named("jsd") && jsd.beta == 0.25 && !jsd.temperature_squared);
    stage.terms[0].temperature_squared = "maybe";
    QVERIFY_THROWS_EXCEPTION(UserError, terms_of(stage));
    // Every divergence and term that can be chosen is there.
    for (const CatalogEntry& entry : catalog::divergences())
      for (const CatalogEntry& term : catalog::terms()) {
        stage.terms = {{.term = std::string(term.name), .divergence = std::string(entry.name)}};
        QCOMPARE(terms_of(stage).size(), size_t(1));
      }
    stage.terms = {{.term = "mse"}};
    QVERIFY_THROWS_EXCEPTION(UserError, terms_of(stage));
  }
};

QTEST_APPLESS_MAIN(TestStageData)
#include "tst_stage_data.moc"
