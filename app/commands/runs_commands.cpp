// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <iostream>

#include "app/command_line.h"
#include "app/commands/named_runs.h"
#include "app/commands/run_tables.h"
#include "core/base/byte_size.h"
#include "core/base/errors.h"
#include "core/base/name_list.h"
#include "core/run/import_run.h"
#include "core/run/run_overview.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

/// What the commands take; each uses a part of it.
struct RunsOptions {
  std::string project, run, text, checkpoint, source;
  std::vector<std::string> runs, tags, checkpoints;
  bool json = false, all = false, off = false, yes = false;
};

/// The one project of this folder, where none is named.
std::string project_here(const std::string& named) {
  if (!named.empty()) return named;
  std::vector<std::string> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(".", error))
    if (entry.path().extension() == ".kdproj") found.push_back(entry.path().filename().string());
  if (found.size() == 1) return found.front();
  std::ranges::sort(found);
  throw UserError(found.empty() ? "There is no project here. Give its file: llavakd runs PROJECT."
                                : fmt::format("There are {} here. Give the one that is meant.", name_list(found)));
}

Json whole_json(const RunOverview& run) {
  Json json = to_json(run);
  const RunDiskUse use = run_disk_use(run.run.folder);
  json["bytes"] = {{"all", use.all}, {"checkpoints", use.checkpoints}, {"probes", use.probes}};
  if (const fs::path caches = cache_folder_of(run.run.folder, run.run.info); !caches.empty())
    json["caches"] = {{"folder", caches.string()}, {"bytes", bytes_below(caches)}};
  json["checkpoints"] = Json::array();
  for (const RunCheckpoint& checkpoint : run_checkpoints(run.run.folder))
    json["checkpoints"].push_back(to_json(checkpoint));
  return json;
}

int print_runs(const RunsOptions& options) {
  const std::string project = project_here(options.project);
  refuse_missing_project(project);
  const std::vector<RunOverview> runs = run_overviews(project);
  if (options.json) {
    Json list = Json::array();
    for (const RunOverview& run : runs) list.push_back(whole_json(run));
    print_json(list);
  } else if (runs.empty()) {
    std::cout << fmt::format("{} has no run yet; start one with `llavakd train {}`.\n", project, project);
  } else {
    std::cout << runs_table(runs);
  }
  return exit_done;
}

Json options_json(const std::vector<OptionRow>& rows) {
  Json list = Json::array();
  for (const OptionRow& row : rows) {
    Json runs = Json::array();
    for (const auto& values : row.runs) {
      Json history = Json::array();
      for (const OptionValue& value : values)
        history.push_back(Json{{"from_step", value.from_step}, {"value", value.value}});
      runs.push_back(std::move(history));
    }
    list.push_back(
        Json{{"stage", row.stage}, {"option", row.option}, {"differs", row.differs}, {"runs", std::move(runs)}});
  }
  return list;
}

/// What became of the run's gates, and when it went back.
void print_gates(const RunInfo& info) {
  for (const GateRecord& record : info.gates) {
    const GateEvent& gate = record.gate;
    std::string text =
        fmt::format("Gate of {}: {}", record.stage, gate.outcome == "rolled_back" ? "went back" : gate.outcome);
    if (!gate.reason.empty()) text += ", " + gate.reason;
    if (!gate.message.empty() && gate.message != gate.reason) text += ". " + gate.message;
    std::cout << '\n' << sanitize_message(text) << '\n';
  }
  for (const RollBackRecord& back : info.roll_backs)
    std::cout << '\n'
              << sanitize_message(fmt::format("Went back from {} to {} ({}); what was left is the run {}.",
                                              back.what.from, back.what.to, back.what.reason, back.what.kept_as))
              << '\n';
}

int print_run(const RunsOptions& options) {
  const RunOverview run = run_overview(any_run(options.project, options.run));
  const std::vector<OptionRow> rows = run_difference({run.run.info});
  const std::vector<RunCheckpoint> checkpoints = run_checkpoints(run.run.folder);
  if (options.json) {
    Json json = whole_json(run);
    json["options"] = options_json(rows);
    json["accepted_changes"] = run.run.info.accepted_changes;
    for (const GateRecord& gate : run.run.info.gates) json["gates"].push_back(to_json(gate));
    for (const RollBackRecord& back : run.run.info.roll_backs) json["roll_backs"].push_back(to_json(back));
    if (const auto& branch = run.run.info.branch_of)
      json["branch_of"] = {{"run", branch->run}, {"checkpoint", branch->checkpoint}};
    print_json(json);
    return exit_done;
  }
  std::cout << runs_table({run});
  for (const std::string& text : {run.run.fault, run.message, run.notes.text, run.notes_fault})
    if (!text.empty()) std::cout << '\n' << lines_text(text) << '\n';
  if (const auto& branch = run.run.info.branch_of)
    std::cout << fmt::format("\nA branch of {} from {}.\n", branch->run, branch->checkpoint);
  print_gates(run.run.info);
  std::cout << '\n' << options_table({run.run.folder.id()}, rows);
  if (!checkpoints.empty()) std::cout << '\n' << checkpoints_table(checkpoints);
  return exit_done;
}

int print_difference(const RunsOptions& options) {
  if (options.runs.size() < 2)
    throw UserError(
        fmt::format("Give two runs or more to compare: llavakd runs diff {0} RUN RUN. `llavakd runs {0}` lists them.",
                    options.project));
  std::vector<RunInfo> infos;
  std::vector<RunOverview> overviews;
  for (const std::string& id : options.runs) {
    overviews.push_back(run_overview(any_run(options.project, id)));
    if (const std::string& fault = overviews.back().run.fault; !fault.empty()) throw UserError(fault);
    infos.push_back(overviews.back().run.info);
  }
  std::vector<OptionRow> rows = run_difference(infos);
  if (!options.all) std::erase_if(rows, [](const OptionRow& row) { return !row.differs; });
  if (options.json) {
    Json list = Json::array();
    for (const RunOverview& run : overviews) list.push_back(to_json(run));
    print_json({{"runs", std::move(list)}, {"options", options_json(rows)}});
    return exit_done;
  }
  std::cout << runs_table(overviews) << '\n';
  std::cout << (rows.empty() ? "Their options are the same.\n" : options_table(options.runs, rows));
  return exit_done;
}

int tag_run(const RunsOptions& options) {
  const RunFolder run = own_run(options.project, options.run);
  (options.off ? remove_tags : add_tags)(run, options.tags);
  return exit_done;
}

int note_run(const RunsOptions& options) {
  const RunFolder run = own_run(options.project, options.run);
  RunNotes notes = read_run_notes(run);
  notes.text = options.text == "-" ? std::string(std::istreambuf_iterator<char>(std::cin), {}) : options.text;
  write_run_notes(run, notes);
  return exit_done;
}

int choose_baseline(const RunsOptions& options) {
  if (options.off != options.run.empty()) throw UserError("Give the run, or --none.");
  refuse_missing_project(options.project);
  set_baseline(options.project, options.run);
  return exit_done;
}

int pin_of_run(const RunsOptions& options) {
  pin_checkpoint(own_run(options.project, options.run), options.checkpoint, !options.off);
  return exit_done;
}

int delete_of_run(const RunsOptions& options) {
  const RunFolder run = own_run(options.project, options.run);
  const bool whole = options.checkpoints.empty();
  if (!options.yes) {
    refuse_at_work(run);
    std::error_code error;
    if (whole)
      refuse_without_yes(fmt::format("the run {} with all its checkpoints", run.id()),
                         bytes_freed({fs::canonical(run.path, error)}));
    std::vector<fs::path> folders;
    for (const RunCheckpoint& checkpoint : run_checkpoints(run))
      if (std::ranges::count(options.checkpoints, checkpoint.name) > 0) folders.push_back(checkpoint.folder);
    refuse_without_yes(name_list(options.checkpoints), bytes_freed(folders));
  }
  const int64_t bytes = whole ? delete_run(run) : delete_checkpoints(run, options.checkpoints);
  if (options.json)
    print_json({{"freed_bytes", bytes}});
  else
    std::cout << fmt::format("{} freed.\n", size_text(bytes));
  return exit_done;
}

int import_into_project(const RunsOptions& options) {
  refuse_missing_project(options.project);
  const ImportedRun run = import_run(options.project, options.source, options.run);
  for (const std::string& warning : run.warnings) std::cerr << "llavakd: " << warning << std::endl;
  if (options.json)
    print_json({{"run", run.folder.id()}, {"steps", run.steps}, {"curves", run.curves}, {"warnings", run.warnings}});
  else
    std::cout << fmt::format("Run {}: {} steps of {}\n", run.folder.id(), run.steps, name_list(run.curves));
  return exit_done;
}

using Shared = std::shared_ptr<RunsOptions>;

CLI::App* add_of_run(CommandLine& line, CLI::App* group, const char* name, const char* help, const Shared& options,
                     int (*run)(const RunsOptions&)) {
  CLI::App* command = line.add_to(group, name, help, [options, run] { return run(*options); });
  command->add_option("project", options->project, "Project file.")->required();
  return command;
}

void add_looking(CommandLine& line, CLI::App* group, const Shared& options) {
  CLI::App* list =
      line.add_to(group, "list", "The same as `llavakd runs PROJECT`.", [options] { return print_runs(*options); });
  list->add_option("project", options->project, "Project file; otherwise the one in this folder.");
  list->add_flag("--json", options->json, "One JSON document on stdout.");
  CLI::App* show = add_of_run(line, group, "show",
                              "One run: what each stage was trained with, from which step on, and its checkpoints.",
                              options, print_run);
  show->add_option("run", options->run, "Name of the run.")->required();
  show->add_flag("--json", options->json, "One JSON document on stdout.");
  CLI::App* diff = add_of_run(line, group, "diff", "Where the options of runs differ, with their results.", options,
                              print_difference);
  diff->add_option("runs", options->runs, "Names of the runs.")->expected(0, 100);
  diff->add_flag("--all", options->all, "Also the options that are the same.");
  diff->add_flag("--json", options->json, "One JSON document on stdout.");
}

void add_noting(CommandLine& line, CLI::App* group, const Shared& options) {
  CLI::App* tag = add_of_run(line, group, "tag", "Gives a run tags, or takes them off.", options, tag_run);
  tag->add_option("run", options->run, "Name of the run.")->required();
  tag->add_option("tags", options->tags, "The tags.")->required();
  tag->add_flag("--off", options->off, "Take them off.");
  CLI::App* note = add_of_run(line, group, "note", "Sets the notes of a run.", options, note_run);
  note->add_option("run", options->run, "Name of the run.")->required();
  note->add_option("text", options->text, "The notes; - reads them from stdin, \"\" removes them.")->required();
  CLI::App* baseline = add_of_run(line, group, "baseline", "Makes a run the one that others are compared with.",
                                  options, choose_baseline);
  baseline->add_option("run", options->run, "Name of the run.");
  baseline->add_flag("--none", options->off, "No run is the baseline any more.");
}

void add_importing(CommandLine& line, CLI::App* group, const Shared& options) {
  CLI::App* import_command = add_of_run(
      line, group, "import", "Takes in what another program recorded, to look at next to the project's own runs.",
      options, import_into_project);
  import_command
      ->add_option("source", options->source, "A folder or a file of TensorBoard events, or a .csv or .tsv file.")
      ->required();
  import_command->add_option("--run", options->run, "Name of the new run; otherwise that of the source.");
  import_command->add_flag("--json", options->json, "One JSON document on stdout.");
}

void add_keeping(CommandLine& line, CLI::App* group, const Shared& options) {
  CLI::App* pin = add_of_run(line, group, "pin", "Pins a checkpoint, so that no rule removes it.", options, pin_of_run);
  pin->add_option("run", options->run, "Name of the run.")->required();
  pin->add_option("checkpoint", options->checkpoint, "Its name, such as DFT-40.")->required();
  pin->add_flag("--off", options->off, "Take the pin off.");
  CLI::App* del = add_of_run(line, group, "delete",
                             "Deletes a run, or some of its checkpoints, and says how much that frees. A run at work, "
                             "pinned checkpoints and the newest one are never deleted.",
                             options, delete_of_run);
  del->add_option("run", options->run, "Name of the run.")->required();
  del->add_option("--checkpoints", options->checkpoints, "These checkpoints alone: DPT-40 DPT-80.");
  del->add_flag("--yes", options->yes, "Really delete; without it nothing is done.");
  del->add_flag("--json", options->json, "One JSON document on stdout.");
}

}  // namespace

void add_runs_commands(CommandLine& line) {
  auto options = std::make_shared<RunsOptions>();
  CLI::App* group = line.add("runs", "The runs of a project, newest first; and what can be done with them.",
                             [options] { return print_runs(*options); });
  group->add_option("project", options->project, "Project file; otherwise the one in this folder.");
  group->add_flag("--json", options->json, "One JSON document on stdout.");
  group->require_subcommand(0, 1);
  add_looking(line, group, options);
  add_noting(line, group, options);
  add_keeping(line, group, options);
  add_importing(line, group, options);
  add_runs_prune_command(line, group);
  add_runs_ablation_command(line, group);
  add_runs_queue_commands(line, group);
}

}  // namespace llavakd
