// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>
#include <iostream>
#include <optional>

#include "app/command_line.h"
#include "app/commands/named_runs.h"
#include "core/base/byte_size.h"
#include "core/base/errors.h"
#include "core/project/project_file.h"
#include "core/run/disk_use.h"
#include "core/run/retention.h"

namespace llavakd {
namespace {

struct PruneOptions {
  std::string project;
  std::vector<std::string> runs;
  std::optional<int64_t> last, every, best;
  bool yes = false, json = false;
};

using Json = nlohmann::ordered_json;

/// What the rules don't keep of a run.
struct Surplus {
  RunFolder run;
  std::vector<std::string> names = {};
  std::vector<std::filesystem::path> folders = {};
};

/// Runs at work, by their names, and why they are left out.
void leave_out(Json& left_out, const RunFolder& run, const UserError& why, bool json) {
  left_out[run.id()] = why.what();
  if (!json) std::cerr << "llavakd: " << why.what() << std::endl;
}

/// The project's rules, but for what the arguments say.
RetentionRules rules_of(const PruneOptions& options) {
  RetentionRules rules = retention_rules(load_project(options.project).run);
  rules.last = options.last.value_or(rules.last);
  rules.every = options.every.value_or(rules.every);
  rules.best = options.best.value_or(rules.best);
  return rules;
}

std::vector<Surplus> surplus_of(const PruneOptions& options, Json& left_out) {
  const RetentionRules rules = rules_of(options);
  std::vector<RunFolder> runs;
  for (const std::string& id : options.runs) runs.push_back(own_run(options.project, id));
  if (runs.empty()) runs = list_runs(options.project);
  std::vector<Surplus> list;
  for (const RunFolder& run : runs) {
    Surplus surplus{.run = run};
    for (const RunCheckpoint& checkpoint : surplus_checkpoints(run_checkpoints(run), rules)) {
      surplus.names.push_back(checkpoint.name);
      surplus.folders.push_back(checkpoint.folder);
    }
    if (surplus.names.empty()) continue;
    try {
      refuse_at_work(run);
      list.push_back(std::move(surplus));
    } catch (const UserError& error) {
      leave_out(left_out, run, error, options.json);
    }
  }
  return list;
}

int prune_runs(const PruneOptions& options) {
  refuse_missing_project(options.project);
  Json pruned = Json::object(), left_out = Json::object();
  const std::vector<Surplus> list = surplus_of(options, left_out);
  std::vector<std::filesystem::path> folders;
  int64_t freed = 0;
  for (const Surplus& surplus : list) {
    folders.insert(folders.end(), surplus.folders.begin(), surplus.folders.end());
    if (!options.json)
      std::cout << fmt::format("{}: {} ({})\n", surplus.run.id(), fmt::join(surplus.names, " "),
                               size_text(bytes_freed(surplus.folders)));
  }
  if (!list.empty() && !options.yes)
    refuse_without_yes(fmt::format("{} checkpoint{}", folders.size(), folders.size() == 1 ? "" : "s"),
                       bytes_freed(folders));
  for (const Surplus& surplus : list) try {
      freed += delete_checkpoints(surplus.run, surplus.names);
      pruned[surplus.run.id()] = surplus.names;
    } catch (const UserError& error) {  // at work since then; the others don't wait for it
      leave_out(left_out, surplus.run, error, options.json);
    }
  if (options.json) {
    print_json({{"freed_bytes", freed}, {"checkpoints", std::move(pruned)}, {"left_out", std::move(left_out)}});
  } else if (options.runs.empty() && list_runs(options.project).empty()) {
    std::cout << fmt::format("{} has no run yet.\n", options.project);
  } else {
    const char* nothing = left_out.empty() ? "The rules keep all checkpoints.\n"
                                           : "The rules keep all checkpoints of the runs that aren't at work.\n";
    std::cout << (list.empty() ? nothing : fmt::format("{} freed.\n", size_text(freed)));
  }
  return exit_done;
}

}  // namespace

void add_runs_prune_command(CommandLine& line, CLI::App* runs) {
  auto options = std::make_shared<PruneOptions>();
  CLI::App* command = line.add_to(runs, "prune",
                                  "Deletes the checkpoints that the rules of the project don't keep. Stages' ends, "
                                  "pinned ones and the newest always stay.",
                                  [options] { return prune_runs(*options); });
  command->add_option("project", options->project, "Project file.")->required();
  command->add_option("runs", options->runs, "Names of runs; otherwise all of the project.");
  command->add_option("--last", options->last, "The newest so many within a stage stay, next to its end.")
      ->check(CLI::Range(1, 1'000'000));
  command->add_option("--every", options->every, "Those at multiples of so many steps stay; 0: none for that.")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--best", options->best, "So many of the lowest mean loss stay.")->check(CLI::NonNegativeNumber);
  command->add_flag("--yes", options->yes, "Really delete; without it nothing is done.");
  command->add_flag("--json", options->json, "One JSON document on stdout.");
}

}  // namespace llavakd
