// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <iostream>

#include "app/command_line.h"
#include "core/checkpoint/export_checkpoint.h"
#include "core/checkpoint/model_template.h"
#include "core/run/run_checkpoints.h"

namespace llavakd {
namespace {

struct ExportOptions {
  std::string checkpoint, layout, folder, precision;
  uint64_t seed = 0;
  bool json = false;
};

at::ScalarType precision_named(const std::string& name) {
  if (name == "bf16" || name == "bfloat16") return at::kBFloat16;
  return name == "fp16" || name == "float16" ? at::kHalf : at::kFloat;
}

void print_export_report(const ExportReport& report, const ExportOptions& options) {
  const std::string tensors =
      report.rounded_tensors == 0
          ? "all equal to the source's, bit for bit"
          : fmt::format("all equal to the source's after rounding ({} changed by it, at most {:.3g})",
                        report.rounded_tensors, report.largest_rounding);
  std::cout << fmt::format("{} written from {} ({}), {} layout, {}.\n", options.folder, options.checkpoint,
                           report.from_layout, options.layout, report.precision);
  std::cout << fmt::format("Opened again: {} tensors, {} parameters, {} bytes; {}.\n", report.tensors,
                           report.parameters, report.bytes, tensors);
  std::cout << fmt::format("Largest logit difference on a random picture and text (seed {}): {:.3g} of {:.3g}.\n",
                           options.seed, report.logit_difference, report.largest_logit);
}

int run_export(const ExportOptions& options) {
  Checkpoint source = open_checkpoint(model_folder_of(options.checkpoint));
  // Away from its run, the copy must say itself what it was trained with.
  if (source.config.conversation_template.empty())
    source.config.conversation_template = template_of_run(model_folder_of(options.checkpoint));
  const std::string& asked = options.precision.empty() ? source.config.dtype : options.precision;
  const ExportReport report =
      export_checkpoint(source, options.layout, options.folder, precision_named(asked), options.seed);
  if (options.json) {
    print_json({{"folder", options.folder},
                {"from_layout", report.from_layout},
                {"layout", options.layout},
                {"precision", report.precision},
                {"tensors", report.tensors},
                {"parameters", report.parameters},
                {"bytes", report.bytes},
                {"rounded_tensors", report.rounded_tensors},
                {"largest_rounding", report.largest_rounding},
                {"largest_logit", report.largest_logit},
                {"logit_difference", report.logit_difference},
                {"seed", options.seed}});
  } else {
    print_export_report(report, options);
  }
  return exit_done;
}

}  // namespace

void add_export_command(CommandLine& line) {
  auto options = std::make_shared<ExportOptions>();
  CLI::App* command =
      line.add("export", "Writes a model in a published layout, opens it again and proves that it is the same.",
               [options] { return run_export(*options); });
  command->add_option("checkpoint", options->checkpoint, "Folder of a model or of a run's checkpoint.")->required();
  command
      ->add_option("--to", options->layout,
                   "hf: TinyLLaVA's Hugging Face layout. split: a pytorch_model.bin for each part. parts: a folder for "
                   "each part that Hugging Face's classes open.")
      ->required()
      ->check(CLI::IsMember({"hf", "split", "parts"}));
  command->add_option("folder", options->folder, "Folder to write: new or empty.")->required();
  command
      ->add_option("--precision", options->precision,
                   "Of the weights; as the source's config.json says when not given.")
      ->check(CLI::IsMember({"fp32", "bf16", "fp16"}));
  command->add_option("--seed", options->seed, "Of the random picture and text that both models are given.")
      ->capture_default_str();
  command->add_flag("--json", options->json, "Machine-readable output.");
}

}  // namespace llavakd
