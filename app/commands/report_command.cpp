// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <iostream>

#include "app/command_line.h"
#include "app/commands/named_runs.h"
#include "core/base/byte_size.h"
#include "core/report/write_report.h"
#include "core/run/bundle.h"

namespace llavakd {
namespace {

struct ReportCommandOptions {
  std::vector<std::string> runs;
  std::string out;
  bool redact = false, json = false;
};

/// A run's folder, or the bundle that holds one.
RunFolder reported_run(const std::string& path) {
  return is_bundle(path) ? open_bundle(path).run() : run_at(path);
}

int run_report(const ReportCommandOptions& options) {
  std::vector<RunFolder> runs;
  for (const std::string& path : options.runs) runs.push_back(reported_run(path));
  const std::filesystem::path out =
      options.out.empty() ? std::filesystem::path(runs.size() == 1 ? runs.front().id() + ".report" : "runs.report")
                          : std::filesystem::path(options.out);
  ProgressLine line;
  ReportOptions how{.redact = options.redact};
  how.progress = [&](const std::string& what) {
    line.show("  " + what);
  };
  const WrittenReport written = write_report(runs, out, how);
  line.show("");
  if (options.json)
    print_json({{"page", written.page.string()},
                {"folder", written.page.parent_path().string()},
                {"files", written.files},
                {"bytes", written.bytes}});
  else
    std::cout << fmt::format("{} written, with {} other files, {} in all. Any browser opens it, without a network.\n",
                             written.page.string(), written.files - 1, size_text(static_cast<double>(written.bytes)));
  return exit_done;
}

}  // namespace

void add_report_command(CommandLine& line) {
  auto options = std::make_shared<ReportCommandOptions>();
  CLI::App* command =
      line.add("report",
               "Writes a page of a run, or of several against each other, that any browser opens: curves, "
               "scores, relation maps through the run, options, where it comes from.",
               [options] { return run_report(*options); });
  command->add_option("runs", options->runs, "Folders of runs, or of bundles.")->required()->expected(1, 100);
  command->add_option(
      "--out", options->out,
      "Folder to write; an earlier report in it is replaced. Otherwise RUN.report here, of several runs "
      "runs.report.");
  command->add_flag(
      "--redact", options->redact,
      "Replace names of users, machines and people, and all absolute paths, the same ones alike; leave the "
      "probes' pictures out.");
  command->add_flag("--json", options->json, "One JSON document on stdout.");
}

}  // namespace llavakd
