// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <iostream>
#include <optional>

#include "app/command_line.h"
#include "app/commands/named_runs.h"
#include "core/base/byte_size.h"
#include "core/base/errors.h"
#include "core/project/project_file.h"
#include "core/run/retention.h"

namespace llavakd {
namespace {

struct PruneOptions {
  std::string project;
  std::vector<std::string> runs;
  std::optional<int64_t> last, every, best;
  bool yes = false, json = false;
};

/// What the rules don't keep of a run.
struct Surplus {
  RunFolder run;
  std::vector<std::string> names;
  int64_t bytes = 0;
};

/// The project's rules, but for what the arguments say.
RetentionRules rules_of(const PruneOptions& options) {
  RetentionRules rules = retention_rules(load_project(options.project).run);
  rules.last = options.last.value_or(rules.last);
  rules.every = options.every.value_or(rules.every);
  rules.best = options.best.value_or(rules.best);
  return rules;
}

std::vector<Surplus> surplus_of(const PruneOptions& options) {
  const RetentionRules rules = rules_of(options);
  std::vector<RunFolder> runs;
  for (const std::string& id : options.runs) runs.push_back(own_run(options.project, id));
  if (runs.empty()) runs = list_runs(options.project);
  std::vector<Surplus> list;
  for (const RunFolder& run : runs) {
    Surplus surplus{.run = run, .names = {}};
    for (const RunCheckpoint& checkpoint : surplus_checkpoints(run_checkpoints(run), rules)) {
      surplus.names.push_back(checkpoint.name);
      surplus.bytes += checkpoint.bytes;
    }
    if (!surplus.names.empty()) list.push_back(std::move(surplus));
  }
  return list;
}

int prune_runs(const PruneOptions& options) {
  refuse_missing_project(options.project);
  const std::vector<Surplus> list = surplus_of(options);
  int64_t bytes = 0, freed = 0;
  size_t count = 0;
  for (const Surplus& surplus : list) {
    bytes += surplus.bytes;
    count += surplus.names.size();
    if (!options.json)
      std::cout << fmt::format("{}: {} ({})\n", surplus.run.id(), fmt::join(surplus.names, " "),
                               size_text(surplus.bytes));
  }
  if (count > 0 && !options.yes) refuse_without_yes(fmt::format("{} checkpoints", count), bytes);
  auto pruned = nlohmann::ordered_json::object(), left_out = nlohmann::ordered_json::object();
  for (const Surplus& surplus : list) try {
      freed += delete_checkpoints(surplus.run, surplus.names);
      pruned[surplus.run.id()] = surplus.names;
    } catch (const UserError& error) {  // at work; the others don't wait for it
      left_out[surplus.run.id()] = error.what();
      if (!options.json) std::cerr << "llavakd: " << error.what() << std::endl;
    }
  if (options.json) {
    print_json({{"freed_bytes", freed}, {"checkpoints", std::move(pruned)}, {"left_out", std::move(left_out)}});
  } else if (options.runs.empty() && list_runs(options.project).empty()) {
    std::cout << fmt::format("{} has no run yet.\n", options.project);
  } else {
    std::cout << (list.empty() ? "The rules keep all checkpoints.\n" : fmt::format("{} freed.\n", size_text(freed)));
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
  command->add_option("--last", options->last, "The newest so many of a stage stay.")->check(CLI::Range(1, 1'000'000));
  command->add_option("--every", options->every, "Those at multiples of so many steps stay; 0: none for that.")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--best", options->best, "So many of the lowest mean loss stay.")->check(CLI::NonNegativeNumber);
  command->add_flag("--yes", options->yes, "Really delete; without it nothing is done.");
  command->add_flag("--json", options->json, "One JSON document on stdout.");
}

}  // namespace llavakd
