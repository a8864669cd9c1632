// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "app/command_line.h"
#include "core/base/errors.h"
#include "core/run/bundle.h"
#include "core/run/events.h"
#include "core/training/verify_bundle.h"
#include "core/training/verify_run.h"

namespace llavakd {
namespace {

namespace fs = std::filesystem;

struct VerifyCommandOptions {
  std::string path;
  std::vector<std::string> models, inputs;
  int64_t steps = 4;
  bool json = false;
};

std::string verdict_on(const VerifiedPart& part) {
  const bool replay = part.what == "replay";
  if (part.skipped) return "not looked at: " + part.found;
  if (!part.faults.empty()) return replay ? "NOT bit-equal:" : "NOT as it was written:";
  return fmt::format("{}: {}", part.is_near ? "near enough" : replay ? "bit-equal" : "as it was written", part.found);
}

void print_part(const VerifiedPart& part) {
  const std::string name = part.name.empty() ? part.what : fmt::format("{} {}", part.what, part.name);
  std::cout << fmt::format("  {:<22} {}\n", name, verdict_on(part));
  for (const std::string& fault : part.faults) std::cout << fmt::format("    {}\n", fault);
  std::cout << std::flush;
}

/// The run that a checkpoint is of: runs/ID/checkpoints/NAME.
RunFolder run_of_checkpoint(const fs::path& checkpoint) {
  return {checkpoint.parent_path().parent_path()};
}

bool is_run(const RunFolder& run) {
  std::error_code error;
  return fs::is_regular_file(run.info(), error);
}

RunVerification verified(const fs::path& path, VerifyOptions options) {
  if (is_run({path})) return verify_run({path}, options);
  if (const RunFolder run = run_of_checkpoint(path); is_run(run)) {
    options.checkpoint = path.filename().string();
    return verify_run(run, options);
  }
  std::error_code error;
  if (!fs::is_directory(path / "model", error))
    throw UserError(
        fmt::format("{} is neither a run nor a checkpoint, nor a bundle. Give a folder such as runs/2026-11-24-101500, "
                    "or one below its checkpoints/.",
                    path.string()));
  RunVerification alone{.time = now(), .parts = {verify_lone_checkpoint(path)}};
  if (options.done) options.done(alone.parts.front());
  return alone;
}

/// Of a bundle files that hold prove little alone.
const char* last_word(const RunVerification& verification, bool bundle) {
  if (!verification.holds()) return "Not verified.\n";
  const bool whole = std::ranges::none_of(verification.parts, &VerifiedPart::skipped);
  return whole || !bundle ? "Verified.\n" : "Verified as far as it was looked at.\n";
}

RunVerification verified_bundle(const fs::path& path, const VerifyCommandOptions& options, const VerifyOptions& how) {
  VerifyBundleOptions bundle{.replay_steps = how.replay_steps, .progress = how.progress, .done = how.done};
  for (const auto& list : {options.models, options.inputs})
    for (const std::string& each : list) {
      std::error_code error;
      if (!fs::exists(each, error)) throw UserError(fmt::format("{} isn't there.", each));
      bundle.inputs.emplace_back(each);
    }
  return verify_bundle(path, bundle);
}

int run_verify(const VerifyCommandOptions& options) {
  fs::path path = fs::absolute(options.path).lexically_normal();
  if (!path.has_filename()) path = path.parent_path();  // a slash at the end
  ProgressLine line;
  VerifyOptions how{.replay_steps = options.steps};
  how.progress = [&](int64_t done, int64_t steps) {
    line.show(fmt::format("  replay {}/{}", done, steps));
  };
  how.done = [&](const VerifiedPart& part) {
    line.show("");
    if (!options.json) print_part(part);
  };
  const bool bundle = is_bundle(path);
  if (!bundle && !(options.models.empty() && options.inputs.empty()))
    throw UserError(fmt::format("{} is no bundle: --models and --data name what a bundle needs.", path.string()));
  const RunVerification verification = bundle ? verified_bundle(path, options, how) : verified(path, how);
  if (options.json)
    print_json(to_json(verification));
  else
    std::cout << last_word(verification, bundle);
  return verification.holds() ? exit_done : exit_wrong_input;
}

}  // namespace

void add_verify_command(CommandLine& line) {
  auto options = std::make_shared<VerifyCommandOptions>();
  CLI::App* command =
      line.add("verify",
               "Compares a run, a checkpoint or a bundle with what was written: 0 where all holds, 2 where it doesn't.",
               [options] { return run_verify(*options); });
  command->add_option("path", options->path, "Folder of the run, of one of its checkpoints, or of a bundle.")
      ->required();
  command
      ->add_option("--models", options->models,
                   "Of a bundle: folder that holds models; they are found by their content.")
      ->take_all()
      ->allow_extra_args(false);
  command->add_option("--data", options->inputs, "Of a bundle: folder that holds data and pictures; may be repeated.")
      ->take_all()
      ->allow_extra_args(false);
  command->add_option("--steps", options->steps, "Train so many steps again and compare them bit by bit; 0: none.")
      ->check(CLI::Range(0, 1'000'000))
      ->capture_default_str();
  command->add_flag("--json", options->json, "One JSON document on stdout.");
}

}  // namespace llavakd
