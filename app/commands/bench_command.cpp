// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <iostream>

#include "app/command_line.h"
#include "core/base/byte_size.h"
#include "core/bench/kernel_bench.h"
#include "core/bench/step_bench.h"
#include "core/project/term_catalog.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;

/// What both benches are told besides.
struct Machine {
  int threads = 0;
  bool json = false;

  void set_threads() const {
    if (threads > 0) at::set_num_threads(threads);
  }
};

Json step_json(const MeasuredStep& step) {
  return {{"terms", to_json(step.terms)},
          {"total", step.total},
          {"gradient_norm", step.gradient_norm},
          {"learning_rate", step.learning_rate},
          {"seconds", step.seconds},
          {"phases", to_json(seconds_by_name(step.phases))},
          {"epoch", step.epoch},
          {"timed", step.timed}};
}

Json bench_json(const StepBenchOptions& options, const StepBench& bench) {
  Json json = {{"stage", options.stage},
               {"precision", options.precision},
               {"device", options.device},
               {"threads", bench.threads},
               {"batch_size", options.batch_size},
               {"tokens", bench.tokens},
               {"trained_parameters", bench.trained_parameters},
               {"same_tower", bench.same_tower},
               {"kernels", bench.kernels},
               {"start_seconds", bench.start_seconds},
               {"step_seconds", bench.step_seconds}};
  if (options.cache) json["first_epoch_step_seconds"] = bench.first_epoch_seconds;
  json["phases"] = to_json(seconds_by_name(bench.phases));
  json["peak_memory_bytes"] = bench.peak_memory_bytes;
  json["needed_gflop"] = bench.needed_operations * 1e-9;
  json["gemm_gflops"] = bench.gemm_operations_per_second * 1e-9;
  json["steps"] = Json::array();
  for (const MeasuredStep& step : bench.steps) json["steps"].push_back(step_json(step));
  return json;
}

void print_step(const MeasuredStep& step, size_t number) {
  std::cout << fmt::format("step {:<4}{:>9.3f} s  total {:<12.6g}", number, step.seconds, step.total);
  for (const auto& [name, value] : step.terms) std::cout << fmt::format("  {} {:.6g}", name, value);
  std::cout << fmt::format("  gradient norm {:.6g}{}\n", step.gradient_norm, step.timed ? "" : "  (not timed)")
            << std::flush;
}

void print_bench(const StepBench& bench, bool cache) {
  std::cout << fmt::format("step_seconds {:.4f} (median)", bench.step_seconds);
  if (cache) std::cout << fmt::format(", first epoch {:.4f}", bench.first_epoch_seconds);
  std::cout << fmt::format("; start {:.2f} s; peak memory {}; {} threads\nphases", bench.start_seconds,
                           size_text(static_cast<double>(bench.peak_memory_bytes)), bench.threads);
  for (const auto& [name, seconds] : seconds_by_name(bench.phases))
    std::cout << fmt::format("  {} {:.4f}", name, seconds);
  std::cout << '\n';
  if (bench.gemm_operations_per_second <= 0 || bench.needed_operations <= 0 || bench.step_seconds <= 0) return;
  std::cout << fmt::format(
      "{:.0f} GFLOP are needed; at {:.0f} GFLOPS of a matrix product that is {:.0f} % of its rate\n",
      bench.needed_operations * 1e-9, bench.gemm_operations_per_second * 1e-9,
      100 * bench.needed_operations / bench.gemm_operations_per_second / bench.step_seconds);
}

int run_step(const StepBenchOptions& options, const Machine& machine) {
  machine.set_threads();
  size_t number = 0;
  const auto show = [&](const MeasuredStep& step) {
    if (!machine.json) print_step(step, number++);
  };
  const StepBench bench = bench_step(options, show);
  if (machine.json)
    print_json(bench_json(options, bench));
  else
    print_bench(bench, options.cache);
  return exit_done;
}

Json timing_json(const KernelTiming& timing) {
  Json json = {{"kernel", timing.kernel},   {"precision", timing.precision},         {"sizes", timing.sizes},
               {"seconds", timing.seconds}, {"plain_seconds", timing.plain_seconds}, {"ratio", timing.ratio()}};
  if (timing.operations > 0) {
    json["gflops"] = timing.operations / timing.seconds * 1e-9;
    json["plain_gflops"] = timing.operations / timing.plain_seconds * 1e-9;
  }
  return json;
}

int run_kernels(const KernelBenchOptions& options, const Machine& machine) {
  machine.set_threads();
  const auto show = [&](const KernelTiming& timing) {
    if (machine.json) return;
    std::cout << fmt::format("{:<20}{:<6}{:<28}{:>10.3f} ms{:>10.3f} ms{:>8.2f}", timing.kernel, timing.precision,
                             timing.sizes, timing.seconds * 1e3, timing.plain_seconds * 1e3, timing.ratio());
    if (timing.operations > 0) std::cout << fmt::format("{:>9.0f} GFLOPS", timing.operations / timing.seconds * 1e-9);
    std::cout << std::endl;
  };
  if (!machine.json) std::cout << fmt::format("{:<54}{:>13}{:>13}{:>8}\n", "kernel", "ours", "plain", "ratio");
  const auto timings = bench_kernels(options, show);
  if (!machine.json) return exit_done;
  Json json = {{"device", options.device},
               {"threads", at::get_num_threads()},
               {"real", options.real},
               {"kernels", Json::array()}};
  for (const KernelTiming& timing : timings) json["kernels"].push_back(timing_json(timing));
  print_json(json);
  return exit_done;
}

void add_machine_options(CLI::App* command, Machine& machine, std::string& device) {
  command->add_option("--device", device, "auto, cpu or cuda.")->capture_default_str();
  command->add_option("--threads", machine.threads, "CPU threads; otherwise as OMP_NUM_THREADS says, or one a core.")
      ->check(CLI::Range(1, 1024));
  command->add_flag("--json", machine.json, "Machine-readable output.");
}

void add_step(CommandLine& line, CLI::App* group) {
  auto options = std::make_shared<StepBenchOptions>();
  auto machine = std::make_shared<Machine>();
  CLI::App* command = line.add_to(group, "step", "Training steps on given tensors: seconds by phase, memory, terms.",
                                  [options, machine] { return run_step(*options, *machine); });
  command->add_option("--teacher", options->teacher, "Folder of the teacher; SFT has none.");
  command->add_option("--student", options->student, "Folder of the student.")->required();
  command
      ->add_option("--batch", options->samples,
                   "Samples: safetensors with I.pixel_values, I.input_ids (-200 is the picture) and I.labels (-100 is "
                   "no label).")
      ->required();
  command->add_option("--stage", options->stage, "DPT, SFT or DFT: what learns and from which terms.")
      ->capture_default_str();
  command->add_option("--precision", options->precision, "fp32 or bf16.")->capture_default_str();
  command->add_option("--steps", options->steps, "Steps that are timed.")
      ->check(CLI::Range(1, 1 << 20))
      ->capture_default_str();
  command->add_option("--warmup", options->warmup, "Steps before them.")
      ->check(CLI::Range(0, 1 << 20))
      ->capture_default_str();
  command
      ->add_option("--weights", options->weights,
                   fmt::format("Of the terms: paper ({}) or code (all 1).", paper_weights()))
      ->capture_default_str();
  command->add_option("--learning-rate", options->learning_rate, "Constant; otherwise the recipe's 1e-3 (DPT) or 2e-5.")
      ->check(CLI::Range(1e-12, 10.0));
  command->add_option("--batch-size", options->batch_size, "Samples of one step.")
      ->check(CLI::Range(1, 1 << 16))
      ->capture_default_str();
  command->add_option("--micro-batch-size", options->micro_batch_size, "Samples that go through the models together.")
      ->check(CLI::Range(1, 1 << 16))
      ->capture_default_str();
  command->add_flag("--cache", options->cache,
                    "Go through the samples twice with a run's caches (vision, teacher) on; the second pass counts.");
  command->add_flag("--checkpointing", options->checkpointing,
                    "Compute the student's layers again on the way back instead of keeping them.");
  command->add_flag("--gemm,!--no-gemm", options->measure_gemm,
                    "Measure the rate of a matrix product after the steps.");
  add_machine_options(command, *machine, options->device);
}

void add_kernels(CommandLine& line, CLI::App* group) {
  auto options = std::make_shared<KernelBenchOptions>();
  auto machine = std::make_shared<Machine>();
  CLI::App* command = line.add_to(group, "kernels", "Each kernel against plain LibTorch operations in this process.",
                                  [options, machine] { return run_kernels(*options, *machine); });
  command->add_flag("--real", options->real, "The published models' sizes; takes minutes and 6 GB of memory.");
  add_machine_options(command, *machine, options->device);
}

}  // namespace

void add_bench_command(CommandLine& line) {
  CLI::App* group = line.add_group("bench", "Measures this machine: single kernels, or whole training steps.");
  add_step(line, group);
  add_kernels(line, group);
}

}  // namespace llavakd
