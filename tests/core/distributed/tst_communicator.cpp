// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/distributed/communicator.h"

#include <QTest>
#include <algorithm>
#include <cmath>
#include <optional>

#include "core/distributed/shard_range.h"
#include "core/distributed/single_process.h"
#include "core/kernels/kernel_backends.h"
#include "core/training/autotune_kernels.h"
#include "core/training/stage.h"
#include "core/training/training_step.h"
#include "tests/core/distributed/thread_ranks.h"
#include "tests/core/training/tiny_project.h"

using namespace llavakd;

namespace {

/// `tokens` long, with a picture of 3 tokens where there is one.
Sequence labelled_sequence(int index, int64_t tokens, bool picture) {
  Sequence sequence{.id = fmt::format("s{}", index)};
  for (int64_t i = 0; i < tokens; ++i) {
    const int64_t token = (i * 31 + index * 17) % 250;
    sequence.input_ids.push_back(picture && i >= 2 && i < 5 ? image_token_index : token);
    sequence.labels.push_back(i < 10 ? ignore_index : token);
  }
  if (picture)
    sequence.segments = {{SegmentKind::prompt, 0, 2}, {SegmentKind::visual, 2, 5}, {SegmentKind::prompt, 5, 10}};
  else
    sequence.segments = {{SegmentKind::prompt, 0, 10}};
  sequence.segments.push_back({SegmentKind::response, 10, tokens});
  return sequence;
}

/// Four samples, one a micro-batch. The last two have no picture, so that nothing of theirs reaches the connector.
std::vector<MicroBatch> four_samples() {
  std::vector<MicroBatch> samples;
  for (int i = 0; i < 4; ++i) {
    const bool picture = i < 2;
    MicroBatch& sample = samples.emplace_back();
    sample.sequences.push_back(labelled_sequence(i, 30 + 4 * i, picture));
    if (!picture) continue;
    at::manual_seed(static_cast<uint64_t>(i));
    sample.images.emplace_back(fmt::format("{}", i));
    sample.pixels.push_back(at::randn({3, 8, 8}));
  }
  return samples;
}

/// A student that learns, its teacher and its optimizer: of every rank the same.
struct Trainer {
  ModelConfig small = config_of_width(8), large = config_of_width(16);
  StageOptions stage = stage_of("DFT", true);
  MultimodalModel teacher, student;
  AdamW optimizer;

  Trainer()
      : teacher(large, small_parameters(large, 2)),
        student(make_trainable(MultimodalModel(small, small_parameters(small, 1)), stage)),
        optimizer(trained_parameters(student), {.weight_decay = 0.1, .max_grad_norm = 1}) {}

  TrainingStep step(Communicator& communicator, MemoryLimits limits = {}) {
    return {&teacher, student, terms_of(stage), optimizer, {.reads_head_gram = true}, communicator, limits};
  }
};

StepBatch batch_of(std::vector<MicroBatch> samples) {
  StepBatch batch;
  batch.samples = std::ssize(samples);
  batch.micro_batches = std::move(samples);
  return batch;
}

}  // namespace

class TestCommunicator : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void oneProcessKeepsWhatItHas() {
    SingleProcess alone;
    Communicator& communicator = alone;
    QVERIFY(communicator.is_leader());
    at::Tensor tensor = at::ones({2});
    const void* there = tensor.data_ptr();
    communicator.sum(tensor);
    QVERIFY(tensor.data_ptr() == there && at::equal(tensor, at::ones({2})));
    QCOMPARE(communicator.sum(int64_t{3}), 3);
    QCOMPARE(communicator.lowest(7), 7);
    QVERIFY(communicator.all(true) && !communicator.all(false));
    QCOMPARE(communicator.broadcast("text"), std::string("text"));
  }

  void shardsCoverEverythingOnce() {
    for (const size_t count : {0UL, 1UL, 5UL, 6UL})
      for (const int64_t ranks : {1, 2, 4}) {
        size_t next = 0;
        for (int64_t rank = 0; rank < ranks; ++rank) {
          const ShardRange shard = shard_range(count, rank, ranks);
          QCOMPARE(shard.begin, next);
          QVERIFY(shard.end - shard.begin <= count / static_cast<size_t>(ranks) + 1);
          next = shard.end;
        }
        QCOMPARE(next, count);
      }
    QVERIFY(shard_range(5, 0, 2) == (ShardRange{0, 3}));
  }

  /// Two ranks with two samples each do the step that one process does with all four: gradient, norm, update, metrics.
  /// One of them has no picture, and so no gradient of the connector.
  void halvesGiveTheGradientOfTheWhole() {
    Trainer whole, halves[2];
    SingleProcess alone;
    const StepResult wanted = whole.step(alone)(batch_of(four_samples()), 1e-3);
    std::vector<MicroBatch> samples = four_samples();
    const StepBatch half[2] = {batch_of({samples[0], samples[1]}), batch_of({samples[2], samples[3]})};

    ThreadRanks ranks(2);
    std::optional<StepResult> results[2];
    ranks.run([&](Communicator& communicator) {
      const auto rank = static_cast<size_t>(communicator.rank());
      results[rank].emplace(halves[rank].step(communicator)(half[rank], 1e-3));
    });
    for (size_t rank = 0; rank < 2; ++rank) {
      QVERIFY(std::abs(results[rank]->grad_norm - wanted.grad_norm) < 1e-5 * wanted.grad_norm);
      QCOMPARE(results[rank]->grad_norm, results[0]->grad_norm);
      const StepEvent event = results[rank]->metrics.event(), all = wanted.metrics.event();
      QVERIFY(event.samples == 4 && event.tokens == all.tokens && event.skipped == all.skipped);
      QCOMPARE(event.terms.size(), all.terms.size());
      for (size_t i = 0; i < all.terms.size(); ++i) {
        QCOMPARE(event.terms[i].first, all.terms[i].first);
        QVERIFY(std::abs(event.terms[i].second - all.terms[i].second) < 1e-6);
      }
      // After one step exp_avg is a tenth of the clipped gradient.
      const TensorMap state = halves[rank].optimizer.state(), first = halves[0].optimizer.state();
      for (const auto& [name, tensor] : whole.optimizer.state()) {
        if (name.starts_with("exp_avg/")) QVERIFY2(at::allclose(state.at(name), tensor, 1e-4, 1e-6), name.c_str());
        QVERIFY2(at::equal(state.at(name), first.at(name)), name.c_str());
      }
      for (const auto& [name, tensor] : halves[rank].student.parameters())
        QVERIFY2(at::equal(tensor, halves[0].student.parameters().at(name)), name.c_str());
    }
    QVERIFY(ranks.calls(0) == ranks.calls(1));
    QCOMPARE(ranks.calls(0).front(), std::string("sum numbers"));  // the samples, before anything is divided by them
    QVERIFY(std::ranges::count(ranks.calls(0), "sum tensor") > 0);
  }

  /// A rank without any samples in a step takes part in it.
  void aRankMayHaveNoSamples() {
    Trainer whole, halves[2];
    SingleProcess alone;
    const StepBatch batch = batch_of(four_samples());
    whole.step(alone)(batch, 1e-3);
    ThreadRanks ranks(2);
    ranks.run([&](Communicator& communicator) {
      const auto rank = static_cast<size_t>(communicator.rank());
      halves[rank].step(communicator)(rank == 0 ? batch : StepBatch{}, 1e-3);
    });
    for (const auto& [name, tensor] : whole.student.parameters())
      for (const Trainer& half : halves)
        QVERIFY2(at::allclose(half.student.parameters().at(name), tensor, 1e-5, 1e-6), name.c_str());
  }

  void memoryLimitsAreTheLowest() {
    ThreadRanks ranks(2);
    MemoryLimits found[2], unlimited[2];
    ranks.run([&](Communicator& communicator) {
      const auto rank = static_cast<size_t>(communicator.rank());
      const MemoryLimits own = rank == 0 ? MemoryLimits{} : MemoryLimits{.micro_batch_size = 2, .recompute = true};
      found[rank] = lowest_of_ranks(own, communicator);
      unlimited[rank] = lowest_of_ranks({}, communicator);
    });
    for (const MemoryLimits& limits : found)
      QVERIFY(limits == (MemoryLimits{.micro_batch_size = 2, .recompute = true}));
    for (const MemoryLimits& limits : unlimited) QVERIFY(limits == MemoryLimits{});
  }

  /// The leader's choice of kernels holds for all.
  void kernelsAreTheLeaders() {
    const MultimodalModel model(config_of_width(8), small_parameters(config_of_width(8), 1));
    const std::string own[2] = {to_string(KernelBackends{.float32_matmul = MatmulBackend::onednn}), ""};
    std::string found[2];
    ThreadRanks ranks(2);
    ranks.run([&](Communicator& communicator) {
      const auto rank = static_cast<size_t>(communicator.rank());
      found[rank] = autotune_kernels(own[rank], model, 80, communicator);
    });
    for (const std::string& text : found) QCOMPARE(text, own[0]);
  }
};

QTEST_APPLESS_MAIN(TestCommunicator)
#include "tst_communicator.moc"
