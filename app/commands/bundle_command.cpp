// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <iostream>

#include "app/command_line.h"
#include "app/commands/named_runs.h"
#include "core/base/byte_size.h"
#include "core/base/printable.h"
#include "core/run/bundle_files.h"
#include "core/run/write_bundle.h"

namespace llavakd {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

struct BundleCommandOptions {
  std::string run, out, weights = "none";
  bool redact = false, list = false, json = false;
};

int list_parts(const RunFolder& run, bool json) {
  Json parts = Json::array();
  for (const BundlePart& part : parts_for_bundle(run)) {
    parts.push_back(Json{{"part", part.name}, {"files", part.files}, {"bytes", part.bytes}});
    const bool weights = part.name == "student" || part.name == "all";
    if (!json)
      std::cout << fmt::format("  {:<22} {:>7} files {:>10}\n", weights ? "--weights " + part.name : part.name,
                               part.files, size_text(static_cast<double>(part.bytes)));
  }
  if (json) print_json({{"run", run.id()}, {"parts", std::move(parts)}});
  return exit_done;
}

void print_written(const WrittenBundle& written, const fs::path& out) {
  std::cout << fmt::format("{} written: {} files, {}.\n", out.string(), written.files,
                           size_text(static_cast<double>(written.bytes)));
  for (const BundleNeed& need : written.info.needs)
    std::cout << fmt::format("  needs {} {} ({} files, {})\n", need.kind, need.path, need.files,
                             size_text(static_cast<double>(need.bytes)));
  std::cout << fmt::format("Elsewhere: llavakd verify {} --models DIR --data DIR\n", shell_word(out.string()));
}

int run_bundle(const BundleCommandOptions& options) {
  const RunFolder run = run_at(options.run);
  if (options.list) return list_parts(run, options.json);
  const fs::path out = options.out.empty() ? fs::path(run.id() + ".bundle") : fs::path(options.out);
  ProgressLine line;
  BundleOptions how{.weights = bundle_weights_named(options.weights), .redact = options.redact};
  how.progress = [&](int64_t done, int64_t files) {
    line.show(fmt::format("  file {}/{}", done, files));
  };
  const WrittenBundle written = write_bundle(run, out, how);
  line.show("");
  if (!options.json) {
    print_written(written, out);
    return exit_done;
  }
  Json json = to_json(written.info);
  json["folder"] = fs::absolute(out).lexically_normal().string();
  json["files"] = written.files;
  json["bytes"] = written.bytes;
  print_json(json);
  return exit_done;
}

}  // namespace

void add_bundle_command(CommandLine& line) {
  auto options = std::make_shared<BundleCommandOptions>();
  CLI::App* command = line.add(
      "bundle", "Writes what others need to look at a run and to repeat its steps: a folder that `verify` compares.",
      [options] { return run_bundle(*options); });
  command->add_option("run", options->run, "Folder of the run.")->required();
  command->add_option("--out", options->out, "Folder to write, which isn't there yet; otherwise RUN.bundle here.");
  command
      ->add_option("--weights", options->weights,
                   "none; student: the newest one as a model; all: the newest checkpoints, to repeat steps from there.")
      ->check(CLI::IsMember({"none", "student", "all"}))
      ->capture_default_str();
  command->add_flag("--redact", options->redact,
                    "Replace names of users, machines and people, and all absolute paths, the same ones alike.");
  command->add_flag("--list", options->list, "Write nothing; print what would be in it, with sizes.");
  command->add_flag("--json", options->json, "One JSON document on stdout.");
}

}  // namespace llavakd
