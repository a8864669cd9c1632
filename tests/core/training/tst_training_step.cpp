// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/training_step.h"

#include <c10/core/CPUAllocator.h>
#include <malloc.h>
#include <torch/library.h>

#include <QTest>
#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "core/base/errors.h"
#include "core/distributed/single_process.h"
#include "core/training/stage.h"
#include "tests/core/training/tiny_project.h"

using namespace llavakd;

namespace {

/// LibTorch's allocator with a limit, and with the highest number of bytes that were held at once. Stays for good: what
/// it gave may outlive a test.
class LimitedAllocator : public c10::Allocator {
 public:
  LimitedAllocator() { c10::SetCPUAllocator(this, 100); }

  at::DataPtr allocate(size_t size) override {
    TORCH_CHECK(held_ + size <= limit, "DefaultCPUAllocator: can't allocate memory: you tried to allocate ", size);
    void* memory = size > 0 ? std::aligned_alloc(64, (size + 63) / 64 * 64) : nullptr;
    held_ += memory ? malloc_usable_size(memory) : 0;
    highest = std::max(highest, held_);
    return {memory, memory, release, at::kCPU};
  }
  at::DeleterFnPtr raw_deleter() const override { return release; }
  void copy_data(void* to, const void* from, size_t size) const override { default_copy_data(to, from, size); }

  size_t limit = SIZE_MAX;
  size_t highest = 0;
  static size_t held() { return held_; }

 private:
  static void release(void* memory) {
    if (!memory) return;
    held_ -= malloc_usable_size(memory);
    std::free(memory);
  }
  static inline size_t held_ = 0;
};

LimitedAllocator& allocator = *new LimitedAllocator;

Sequence sequence_of(int index, int64_t tokens) {
  Sequence sequence{.id = fmt::format("s{}", index)};
  for (int64_t i = 0; i < tokens; ++i) {
    const bool visual = i >= 2 && i < 2 + 3;
    const int64_t word = (i * 31 + index * 17) % 250;
    sequence.input_ids.push_back(visual ? image_token_index : word);
    sequence.labels.push_back(i < 10 ? ignore_index : word);
  }
  sequence.segments = {{SegmentKind::prompt, 0, 2},
                       {SegmentKind::visual, 2, 5},
                       {SegmentKind::prompt, 5, 10},
                       {SegmentKind::response, 10, tokens}};
  return sequence;
}

/// Everything that a step needs, in memory.
struct Bench {
  ModelConfig small = config_of_width(8), large = config_of_width(16);
  StageOptions stage = stage_of("DFT", true);
  std::vector<Term> terms = terms_of(stage);
  MultimodalModel teacher, student;
  AdamW optimizer;
  SingleProcess alone;

  explicit Bench(at::Device device = at::kCPU)
      : teacher(deep(large), on(device, small_parameters(deep(large), 2))),
        student(make_trainable(MultimodalModel(deep(small), on(device, small_parameters(deep(small), 1))), stage)),
        optimizer(trained_parameters(student), {.weight_decay = 0.1, .max_grad_norm = 1}) {}

  static ModelConfig deep(ModelConfig config) {
    config.language.num_hidden_layers = 6;
    return config;
  }
  static TensorMap on(at::Device device, TensorMap parameters) {
    for (auto& [name, tensor] : parameters) tensor = tensor.to(device);
    return parameters;
  }

  TrainingStep step(MemoryLimits limits = {}, bool may_recompute = true) {
    return {&teacher, student, terms, optimizer, {.reads_head_gram = true, .may_recompute = may_recompute},
            alone,    limits};
  }

  static StepBatch batch(size_t together) {
    StepBatch step;
    for (int i = 0; i < 4; ++i) {
      if (static_cast<size_t>(i) % together == 0) step.micro_batches.emplace_back();
      MicroBatch& micro = step.micro_batches.back();
      micro.sequences.push_back(sequence_of(i, 60 + 4 * i));
      micro.images.emplace_back(fmt::format("{}", i));
      at::manual_seed(static_cast<uint64_t>(i));
      micro.pixels.push_back(at::randn({3, 8, 8}));
      ++step.samples;
    }
    return step;
  }
  bool same_weights(const Bench& other) const {
    for (const auto& [name, tensor] : student.parameters())
      if (!at::equal(tensor, other.student.parameters().at(name))) return false;
    return true;
  }
};

/// An operation whose shapes LibTorch knows in Python only: of its result on zeros of the host. What it writes into is
/// handed back.
void shapes_by_the_host(const c10::OperatorHandle& op, c10::DispatchKeySet, torch::jit::Stack* stack) {
  const auto on_host = [](const at::Tensor& tensor) {
    return tensor.defined() && tensor.is_meta() ? at::zeros(tensor.sizes(), tensor.options().device(at::kCPU)) : tensor;
  };
  const c10::FunctionSchema& schema = op.schema();
  const size_t count = schema.arguments().size(), first = stack->size() - count;
  const std::vector<c10::IValue> given(stack->begin() + static_cast<std::ptrdiff_t>(first), stack->end());
  for (size_t i = first; i < stack->size(); ++i)
    if ((*stack)[i].isTensor()) (*stack)[i] = on_host((*stack)[i].toTensor());
  op.redispatchBoxed(c10::DispatchKeySet(c10::DispatchKey::CPU), stack);
  for (c10::IValue& result : *stack)
    if (result.isTensor() && result.toTensor().defined())
      result = at::empty(result.toTensor().sizes(), result.toTensor().options().device(at::kMeta));
  const auto* written = schema.arguments()[0].alias_info();
  if (written && written->isWrite()) stack->back() = given[0];
}

}  // namespace

TORCH_LIBRARY_IMPL(aten, Meta, library) {
  for (const char* name : {"index_select", "embedding_dense_backward", "where.self", "native_layer_norm_backward",
                           "convolution_backward", "index_add_", "_fused_rms_norm", "upsample_bicubic2d"})
    library.impl(name, torch::CppFunction::makeFromBoxedFunction<&shapes_by_the_host>());
}

class TestTrainingStep : public QObject {
  Q_OBJECT

  static size_t memoryOf(size_t together, bool recompute) {
    Bench bench;
    TrainingStep step = bench.step({.recompute = recompute});
    const StepBatch batch = Bench::batch(together);
    const size_t before = allocator.highest = LimitedAllocator::held();
    step(batch, 1e-3);
    return allocator.highest - before;
  }

 private Q_SLOTS:
  void cleanup() { allocator.limit = SIZE_MAX; }

  void tellsWhereTheTimeGoes() {
    Bench bench;
    const StepResult result = bench.step()(Bench::batch(2), 1e-3);
    for (const double seconds : {result.phases.vision, result.phases.teacher, result.phases.student, result.phases.loss,
                                 result.phases.backward, result.phases.optimizer})
      QVERIFY(seconds > 0);
    QCOMPARE(seconds_by_name(result.phases).size(), 7UL);
    QVERIFY(result.warnings.empty());
  }

  void microBatchesDoNotChangeTheGradient() {
    Bench four, two, one;
    const double norm = four.step()(Bench::batch(4), 0).grad_norm;
    QVERIFY(std::abs(two.step()(Bench::batch(2), 0).grad_norm - norm) < 1e-5 * norm);
    QVERIFY(std::abs(one.step()(Bench::batch(1), 0).grad_norm - norm) < 1e-5 * norm);
    QCOMPARE(Bench::batch(1).micro_batches.size(), 4UL);
    const StepBatch cut = split_micro_batches(Bench::batch(4), 3);
    QCOMPARE(cut.micro_batches.size(), 2UL);
    QCOMPARE(cut.micro_batches[0].pixels.size(), 3UL);
    QCOMPARE(cut.micro_batches[1].sequences[0].id, std::string("s3"));
    QCOMPARE(cut.micro_batches[1].images[0].file, std::string("3"));
  }

  void recomputingChangesNoBit() {
    Bench plain, recomputed;
    plain.step()(Bench::batch(2), 1e-3);
    recomputed.step({.recompute = true})(Bench::batch(2), 1e-3);
    QVERIFY(plain.same_weights(recomputed));
  }

  /// Memory for two at a time: the step that four together can't do is the one that two would have done.
  void tooMuchMemoryHalvesTheMicroBatch() {
    const size_t two = memoryOf(2, false), four = memoryOf(4, false);
    QVERIFY(two < four);
    Bench expected;
    const StepResult wanted = expected.step()(Bench::batch(2), 1e-3);
    Bench bench;
    TrainingStep step = bench.step();
    const StepBatch batch = Bench::batch(4);
    allocator.limit = LimitedAllocator::held() + (two + four) / 2;
    const StepResult result = step(batch, 1e-3);
    QCOMPARE(result.warnings.size(), 1UL);
    QCOMPARE(step.limits().micro_batch_size, 2);
    QVERIFY(!step.limits().recompute);
    QCOMPARE(result.grad_norm, wanted.grad_norm);
    QCOMPARE(to_json(EventBody(result.metrics.event())).dump(), to_json(EventBody(wanted.metrics.event())).dump());
    QVERIFY(bench.same_weights(expected));
    QVERIFY(step(batch, 1e-3).warnings.empty());
  }

  void atOneSampleItRecomputes() {
    const size_t kept = memoryOf(1, false), recomputed = memoryOf(1, true);
    QVERIFY(recomputed < kept);
    Bench expected;
    expected.step()(Bench::batch(1), 1e-3);
    Bench bench;
    TrainingStep step = bench.step();
    const StepBatch batch = Bench::batch(4);
    allocator.limit = LimitedAllocator::held() + (kept + recomputed) / 2;
    QCOMPARE(step(batch, 1e-3).warnings.size(), 3UL);  // two, one, recomputing
    QVERIFY(step.limits() == (MemoryLimits{.micro_batch_size = 1, .recompute = true}));
    QVERIFY(bench.same_weights(expected));
  }

  void whatNeverFitsIsSaid() {
    const Bench untouched;
    Bench bench;
    TrainingStep step = bench.step({}, false);
    const StepBatch batch = Bench::batch(4);
    allocator.limit = LimitedAllocator::held() + 1000;
    QVERIFY_THROWS_EXCEPTION(RunError, step(batch, 1e-3));
    allocator.limit = SIZE_MAX;
    QVERIFY(bench.same_weights(untouched));
    step(batch, 1e-3);
    QVERIFY(!bench.same_weights(untouched));
  }

  void otherErrorsPass() {
    QVERIFY(!is_out_of_memory(std::runtime_error("DefaultCPUAllocator")));
    QVERIFY(is_out_of_memory(std::bad_alloc()));
    try {
      at::ones({2, 3}).mm(at::ones({4, 5}));
      QFAIL("shapes fit");
    } catch (const c10::Error& error) {
      QVERIFY(!is_out_of_memory(error));
    }
  }

  /// A device that has shapes but no numbers: a step that read one on the host, or took the CPU for granted, would
  /// fail.
  void nothingTakesTheCpuForGranted() {
    Bench bench(at::kMeta);
    const StepResult result = bench.step()(Bench::batch(2), 1e-3);
    QCOMPARE(result.grad_norm, 0.0);
    for (const auto& [name, tensor] : bench.student.parameters()) QVERIFY(tensor.is_meta());
  }
};

QTEST_APPLESS_MAIN(TestTrainingStep)
#include "tst_training_step.moc"
