// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <filesystem>
#include <iostream>

#include "app/command_line.h"
#include "app/commands/run_tables.h"
#include "core/base/errors.h"
#include "core/run/ablation_list.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;

struct AblationTableOptions {
  std::string project, baseline;
  bool json = false;
};

/// "Ablation of 2026-11-30 10:15, 12 runs, 1 at work".
std::string heading(const AblationList& ablation) {
  return fmt::format("Ablation of {}, {} runs{}", date_text(ablation.when), ablation.runs,
                     ablation.at_work > 0 ? fmt::format(", {} at work", ablation.at_work) : "");
}

bool has_arm(const AblationList& ablation, const std::string& name) {
  for (const ArmResult& arm : ablation.arms)
    if (arm.name == name) return true;
  return false;
}

/// Those that have the arm that the others are measured against.
std::vector<AblationList> with_baseline(const AblationTableOptions& options) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(options.project, error))
    throw UserError(fmt::format("There is no project file {}.", options.project));
  std::vector<AblationList> all = list_ablations(options.project);
  if (options.baseline.empty() || all.empty()) return all;
  const AblationList newest = all.front();
  std::erase_if(all, [&](const AblationList& each) { return !has_arm(each, options.baseline); });
  if (all.empty()) ablation_table(newest, options.baseline);  // says which arms there are
  return all;
}

int print_ablations(const AblationTableOptions& options) {
  const std::vector<AblationList> ablations = with_baseline(options);
  Json list = Json::array();
  for (const AblationList& ablation : ablations) {
    Json table = ablation_table(ablation, options.baseline);
    if (options.json) {
      table["started"] = ablation.when;
      table["runs"] = ablation.runs;
      table["at_work"] = ablation.at_work;
      list.push_back(std::move(table));
      continue;
    }
    std::cout << (&ablation == &ablations.front() ? "" : "\n") << heading(ablation) << "\n\n";
    std::cout << (ablation.arms.empty() ? "No arm has a score yet.\n" : ablation_tables(table));
  }
  if (options.json)
    print_json(list);
  else if (ablations.empty())
    std::cout << fmt::format("{} has no ablation yet; `llavakd ablate {} --arms ARM,ARM` runs one.\n", options.project,
                             options.project);
  return exit_done;
}

}  // namespace

void add_runs_ablation_command(CommandLine& line, CLI::App* runs) {
  auto options = std::make_shared<AblationTableOptions>();
  CLI::App* command = line.add_to(runs, "ablation",
                                  "What `ablate` has found out so far: arms and seeds with their scores, and paired "
                                  "differences with 95 % intervals.",
                                  [options] { return print_ablations(*options); });
  command->add_option("project", options->project, "Project file.")->required();
  command->add_option("--baseline", options->baseline,
                      "The arm that the others are measured against; otherwise the shortest.");
  command->add_flag("--json", options->json, "One JSON document on stdout.");
}

}  // namespace llavakd
