// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/bench/step_bench.h"

#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "core/base/errors.h"
#include "core/bench/given_samples.h"
#include "core/bench/process_facts.h"
#include "core/bench/scratch_cache.h"
#include "core/bench/stopwatch.h"
#include "core/checkpoint/loaded_model.h"
#include "core/distributed/single_process.h"
#include "core/kernels/linear.h"
#include "core/kernels/memory.h"
#include "core/kernels/threads.h"
#include "core/preflight/needed_work.h"
#include "core/project/catalog.h"
#include "core/project/project_file.h"
#include "core/project/stage_terms.h"
#include "core/training/autotune_kernels.h"
#include "core/training/stage.h"
#include "core/training/training_step.h"

namespace llavakd {
namespace {

/// The three stages of the published recipe (LLaVA-KD, arXiv 2410.16236, section 3.3).
StageOptions stage_named(const std::string& text, const std::string& weights) {
  StageOptions stage;
  for (const char c : text) stage.name += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  const bool dpt = stage.name == "DPT";
  if (!dpt && stage.name != "SFT" && stage.name != "DFT")
    throw UserError(fmt::format("Unknown stage \"{}\"; known are DPT, SFT and DFT.", text));
  if (!dpt) stage.train.emplace_back("language_model");
  if (stage.name != "SFT")
    for (const TermInfo& term : term_catalog())
      if (term.needs_teacher) stage.terms.push_back({.term = std::string(term.name)});
  stage.learning_rate = dpt ? 1e-3 : 2e-5;
  apply_weights(stage, weights);
  return stage;
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  const size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

void refuse_mismatch(const MultimodalModel& teacher, const MultimodalModel& student) {
  const auto tokens = [](const MultimodalModel& model) {
    return model.config().visual_tokens();
  };
  const auto side = [](const MultimodalModel& model) {
    return model.config().vision.image_size;
  };
  if (tokens(teacher) != tokens(student) || side(teacher) != side(student))
    throw UserError(
        fmt::format("The teacher makes {} visual tokens of a picture of {} pixels a side, the student {} of "
                    "{}; both must see the same.",
                    tokens(teacher), side(teacher), tokens(student), side(student)));
}

class StepBencher {
 public:
  StepBencher(const StepBenchOptions& options, const std::function<void(const MeasuredStep&)>& on_step)
      : options_(options),
        on_step_(on_step),
        stage_(stage_named(options.stage, options.weights)),
        terms_(terms_of(stage_)) {
    if (options.learning_rate > 0) stage_.learning_rate = options.learning_rate;
    find(catalog::precisions(), options.precision, "precision");
  }

  StepBench run() {
    open();
    // As a run does: threads on cores of their own, and the quicker ones of equal ways.
    const PinnedThreads pinned;
    result_.kernels = autotune_kernels("", *student_, std::ssize(samples_.front().sequence.input_ids), alone_);
    Forward::Plan plan{.same_tower = result_.same_tower, .reads_head_gram = read_head_gram(terms_)};
    if (options_.cache) {
      cache_.emplace();
      cache_->open(plan, teacher_ ? &*teacher_ : nullptr, *student_);
    }
    MultimodalModel trained = make_trainable(*student_, stage_);
    AdamW optimizer(trained_parameters(trained),
                    {.weight_decay = stage_.weight_decay, .max_grad_norm = stage_.max_grad_norm});
    TrainingStep step(teacher_ ? &*teacher_ : nullptr, trained, terms_, optimizer, plan, alone_,
                      {.recompute = options_.checkpointing});
    for (const auto& [name, tensor] : trained_parameters(trained)) result_.trained_parameters += tensor.numel();
    result_.threads = at::get_num_threads();
    result_.start_seconds = process_age_seconds();
    for (int epoch = 1; epoch <= (options_.cache ? 2 : 1); ++epoch) go_through(step, epoch);
    finish();
    return std::move(result_);
  }

 private:
  void open() {
    const OpenOptions how{.precision = precision_of(options_.precision), .device = device_of(options_.device)};
    const ModelConfig config = read_model_config(options_.student);
    samples_ = read_given_samples(options_.samples, config);
    const auto open_model = [&](const std::filesystem::path& folder) {
      Checkpoint checkpoint = open_checkpoint(folder, how);
      return MultimodalModel(std::move(checkpoint.config), std::move(checkpoint.parameters));
    };
    if (distils(stage_)) {
      if (options_.teacher.empty())
        throw UserError(fmt::format("Stage {} distils: name the teacher's folder (--teacher).", stage_.name));
      teacher_.emplace(open_model(options_.teacher));
    }
    student_.emplace(open_model(options_.student));
    if (!teacher_) return;
    refuse_mismatch(*teacher_, *student_);
    result_.same_tower = same_tower(*teacher_, *student_);
  }

  StepBatch batch_of(int64_t number) const {
    std::vector<PreparedSample> chosen;
    for (int64_t i = 0; i < options_.batch_size; ++i)
      chosen.push_back(samples_[static_cast<size_t>((number * options_.batch_size + i) % std::ssize(samples_))]);
    return make_step_batch(std::move(chosen), options_.micro_batch_size, student_->config().vision.image_size);
  }

  void go_through(TrainingStep& step, int epoch) {
    // The second pass needs no warm-up of its own: the first was one.
    const int64_t warmup = epoch == 1 ? options_.warmup : 0;
    for (int64_t i = 0; i < warmup + options_.steps; ++i) {
      throw_if_interrupted();  // the caches' folder is to be removed first
      const StepBatch batch = batch_of(epoch == 1 ? i : options_.warmup + i);
      MeasuredStep measured{.learning_rate = stage_.learning_rate, .timed = i >= warmup, .epoch = epoch};
      std::optional<StepResult> made;
      measured.seconds =
          seconds_of(student_->head_weight().device(), [&] { made.emplace(step(batch, stage_.learning_rate)); });
      StepEvent told = made->metrics.event();
      measured.terms = std::move(told.terms);
      measured.total = told.total;
      measured.gradient_norm = made->grad_norm;
      measured.phases = made->phases;
      result_.tokens = told.tokens;
      count(batch);
      if (on_step_) on_step_(measured);
      result_.steps.push_back(std::move(measured));
    }
  }

  /// What a step works on; the last one's, as all are alike where it matters.
  void count(const StepBatch& batch) {
    work_ = {.samples = batch.samples,
             .distils = teacher_.has_value(),
             .language_learns = trains(stage_, "language_model"),
             .same_tower = result_.same_tower};
    for (const MicroBatch& micro : batch.micro_batches)
      for (const Sequence& sequence : micro.sequences)
        for (const Segment& segment : sequence.segments) {
          const bool visual = segment.kind == SegmentKind::visual;
          work_.images += visual;
          (visual ? work_.visual_tokens : work_.text_tokens) += segment.size();
          if (segment.kind == SegmentKind::response) work_.response_tokens += segment.size();
        }
  }

  void finish() {
    const int last_epoch = options_.cache ? 2 : 1;
    const auto of_steps = [&](int epoch, auto&& value) {
      std::vector<double> values;
      for (const MeasuredStep& step : result_.steps)
        if (step.timed && step.epoch == epoch) values.push_back(value(step));
      return median(std::move(values));
    };
    const auto seconds = [](const MeasuredStep& step) {
      return step.seconds;
    };
    result_.step_seconds = of_steps(last_epoch, seconds);
    if (options_.cache) result_.first_epoch_seconds = of_steps(1, seconds);
    for (double StepPhases::*phase :
         {&StepPhases::vision, &StepPhases::teacher, &StepPhases::student, &StepPhases::loss, &StepPhases::backward,
          &StepPhases::optimizer, &StepPhases::waiting})
      result_.phases.*phase = of_steps(last_epoch, [&](const MeasuredStep& step) { return step.phases.*phase; });
    result_.peak_memory_bytes = peak_memory_bytes();
    result_.needed_operations =
        needed_operations(teacher_ ? teacher_->config() : student_->config(), student_->config(), work_);
    if (!options_.measure_gemm) return;
    // The products that most of a step consists of: the student's MLP.
    const LanguageConfig& language = student_->config().language;
    const at::Tensor& head = student_->head_weight();
    result_.gemm_operations_per_second = gemm_rate(
        head.scalar_type(), head.device(), std::min<int64_t>(result_.tokens, 1024), language.hidden_size,
        language.layer(0).intermediate, [](const at::Tensor& a, const at::Tensor& b) { return matmul_nt(a, b); });
  }

  const StepBenchOptions& options_;
  const std::function<void(const MeasuredStep&)>& on_step_;
  StageOptions stage_;
  const std::vector<Term> terms_;
  std::vector<PreparedSample> samples_;
  std::optional<MultimodalModel> teacher_, student_;
  std::optional<ScratchCache> cache_;
  SingleProcess alone_;
  WorkOfStep work_;
  StepBench result_;
};

}  // namespace

StepBench bench_step(const StepBenchOptions& options, const std::function<void(const MeasuredStep&)>& on_step) {
  return StepBencher(options, on_step).run();
}

}  // namespace llavakd
