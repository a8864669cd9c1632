// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>
#include <sys/utsname.h>

#include <fstream>
#include <string>

#include "core/base/byte_size.h"
#include "core/base/machine.h"
#include "core/base/printable.h"
#include "core/run/write_bundle.h"

namespace llavakd {
namespace {

/// "Debian GNU/Linux 12 (bookworm)", or nothing.
std::string name_of_system() {
  std::ifstream file("/etc/os-release");
  constexpr std::string_view key = "PRETTY_NAME=";
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(key)) continue;
    std::string name = line.substr(key.size());
    std::erase(name, '"');
    return printable(name, 100);
  }
  return {};
}

std::string table_of_needs(const BundleInfo& info) {
  std::string text = "| what | as the project names it | files | size |\n|---|---|---|---|\n";
  for (const BundleNeed& need : info.needs)
    text += fmt::format("| {} | `{}` | {} | {} |\n", need.kind, printable(need.path), need.files,
                        size_text(static_cast<double>(need.bytes)));
  return text;
}

std::string_view weights_text(BundleWeights weights) {
  switch (weights) {
    case BundleWeights::none:
      return "No weights are in it: steps are repeated from the run's beginning.";
    case BundleWeights::student:
      return "The newest student is in `student/`: steps are repeated from the run's beginning.";
    case BundleWeights::all:
      return "The newest checkpoints are in it: steps are repeated from there.";
  }
  return {};
}

}  // namespace

nlohmann::ordered_json bundle_environment(const RunInfo& info) {
  utsname kernel{};
  uname(&kernel);  // its node name is the host's, which is nobody's business
  return {{"run", info.versions},
          {"bundled",
           {{"system", name_of_system()},
            {"kernel", fmt::format("{} {} {}", kernel.sysname, kernel.release, kernel.machine)},
            {"processor", processor_name()},
            {"cores", usable_cores()}}}};
}

std::string bundle_readme(const BundleInfo& info) {
  std::string text = fmt::format(
      "# The run {0}\n\nA reproduction bundle of LLaVA-KD Studio {1}: what was trained, with what and how it went. "
      "{2}{3}\n\n"
      "## What can be done with it\n\n"
      "    llavakd verify . --models DIR --data DIR     # compares all files, finds the inputs, repeats some steps\n"
      "    sha256sum -c SHA256SUMS                      # the files alone\n",
      info.run, info.version, weights_text(info.weights),
      info.redacted ? " Names of people and machines and absolute paths were replaced." : "");
  if (!info.project.empty())
    text += fmt::format(
        "    llavakd train {0} --run again   # the whole run, once the inputs are where the project names them\n"
        "    llavakd-studio {0}              # to look at it\n",
        shell_word(info.project));
  text += fmt::format(
      "\n## What it needs\n\nThese files are known by their SHA-256, in `runs/{0}/run.json` (\"inputs\") and, of "
      "pictures, "
      "in `runs/{0}/pictures.txt`. `verify` finds them by it in the folders that it is given; paths in here are never "
      "followed.\n\n{1}\n",
      info.run, table_of_needs(info));
  text += fmt::format(
      "## What is in it\n\n"
      "| file | what |\n|---|---|\n"
      "| `bundle.json`, `SHA256SUMS` | what this is; SHA-256 of every file |\n"
      "| `*.kdproj` | the project with the options as they were run |\n"
      "| `environment.json` | versions, LibTorch, instruction set, kernels, threads; the system that made the bundle "
      "|\n"
      "| `curves.csv` | every step: losses, gradient norm, learning rate |\n"
      "| `runs/{0}/` | the record: options of each stage, events with checksums, log, notes |\n"
      "| `runs/{0}/probes/`, `eval/` | maps of the probes; scores |\n\n"
      "## How it was made\n\n    llavakd bundle runs/{0} --weights {1}{2}\n\n"
      "To send it as one file of the same bytes each time:\n\n"
      "    tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cf {0}.tar FOLDER\n",
      info.run, name_of(info.weights), info.redacted ? " --redact" : "");
  return text;
}

}  // namespace llavakd
