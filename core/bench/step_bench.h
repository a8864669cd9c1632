// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/run/event_types.h"
#include "core/training/phases.h"

namespace llavakd {

struct StepBenchOptions {
  std::filesystem::path teacher;  ///< May be empty for SFT, which has no teacher.
  std::filesystem::path student, samples;
  std::string stage = "DFT";       ///< DPT, SFT or DFT, in any case.
  std::string precision = "bf16";  ///< One of catalog::precisions().
  std::string device = "cpu";      ///< One of catalog::devices().
  std::string weights = "paper";   ///< "paper" or "code".
  int64_t steps = 5;               ///< Timed.
  int64_t warmup = 1;              ///< Steps before them.
  int64_t batch_size = 1, micro_batch_size = 1;
  double learning_rate = 0;  ///< 0: the stage's of the published recipe.
  bool cache = false;  ///< Go twice over the samples with the tower's features and the teacher's rows kept on disk.
  bool checkpointing = false;  ///< Keep the student's layers' inputs only; recompute the rest in backward.
  bool measure_gemm = true;    ///< After the steps, for the share of the rate that they reached.
};

struct MeasuredStep {
  NamedNumbers terms;  ///< Raw.
  double total = 0, gradient_norm = 0, learning_rate = 0, seconds = 0;
  StepPhases phases;
  bool timed = false;  ///< Counts for the medians.
  int epoch = 1;       ///< 2: of the second pass, with `cache`.
};

struct StepBench {
  std::vector<MeasuredStep> steps;
  double start_seconds = 0;        ///< From the process's start to the beginning of the first step.
  double step_seconds = 0;         ///< Median.
  double first_epoch_seconds = 0;  ///< Median of the first pass, with `cache`; step_seconds is the second's.
  StepPhases phases;               ///< Median of each.
  int64_t peak_memory_bytes = 0;   ///< Of the process, loading included.
  int64_t tokens = 0;              ///< Of the last step, visual ones included.
  int64_t trained_parameters = 0;
  bool same_tower = false;
  double needed_operations = 0;           ///< See core/preflight/needed_work.h.
  double gemm_operations_per_second = 0;  ///< 0 when not measured.
  int threads = 0;
  std::string kernels;  ///< Which of equal ways were chosen.
};

/// Times training steps on given tensors (see given_samples.h) with the code that a run trains with, so that models
/// without a tokenizer will do. `on_step` is told each step as it ends. Throws UserError for anything wrong with the
/// input, before a weight is read where that is possible.
StepBench bench_step(const StepBenchOptions& options, const std::function<void(const MeasuredStep&)>& on_step = {});

}  // namespace llavakd
