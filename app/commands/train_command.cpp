// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>
#include <signal.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <utility>

#include "app/command_line.h"
#include "app/commands/run_output.h"
#include "app/commands/stop_signal.h"
#include "core/base/errors.h"
#include "core/base/name_list.h"
#include "core/base/printable.h"
#include "core/checkpoint/loaded_model.h"
#include "core/preflight/preflight.h"
#include "core/preflight/run_measurement.h"
#include "core/preflight/stage_estimate.h"
#include "core/project/project_file.h"
#include "core/project/stage_terms.h"
#include "core/project/visitors.h"
#include "core/run/branch_run.h"
#include "core/run/checkpoint_state.h"
#include "core/run/control_socket.h"
#include "core/run/finish_roll_back.h"
#include "core/run/launcher.h"
#include "core/run/roll_back_run.h"
#include "core/run/run_checkpoints.h"
#include "core/run/run_list.h"
#include "core/run/run_lock.h"
#include "core/run/task_result.h"
#include "core/training/train.h"

namespace llavakd {
namespace {

namespace fs = std::filesystem;

struct TrainCommandOptions {
  std::string project, stage, run, resume, branch, from, reason, pass_gate;
  std::vector<std::string> settings;
  bool from_stdin = false, wants_resume = false, wants_branch = false, accept_changes = false, wait_at_gates = false,
       json = false;
};

void refuse_unknown_stage(const Project& project, const std::string& stage) {
  if (std::ranges::find(project.stages, stage, &StageOptions::name) != project.stages.end()) return;
  std::vector<std::string> names;
  for (const StageOptions& each : project.stages) names.push_back(each.name);
  throw UserError(names.empty() ? fmt::format("--stage {}: the project has no stages.", printable(stage, 60))
                                : fmt::format("--stage {}: the project has no stage of that name; it has {}.",
                                              printable(stage, 60), name_list(names, 20)));
}

Project project_of(const TrainCommandOptions& options) {
  Project project =
      options.from_stdin ? project_from_text(standard_input(), options.project) : load_project(options.project);
  apply_settings(project, options.settings);
  if (!options.stage.empty()) {
    refuse_unknown_stage(project, options.stage);
    project.schedule = {options.stage};
  }
  return project;
}

/// engine.log of the run: what happened, for people; the events are for programs.
void log_to(const RunFolder& run) {
  auto logger = spdlog::basic_logger_mt("llavakd", run.log().string());
  logger->set_pattern("%Y-%m-%d %H:%M:%S %l %v");
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

void log_event(const Event& event) {
  if (const auto* warning = event.as<WarningEvent>())
    spdlog::warn("{}", warning->message);
  else if (const auto* failed = event.as<FailedEvent>())
    spdlog::error("{}", failed->message);
  else if (const auto* evaluated = event.as<EvaluationEvent>())
    spdlog::info("eval {} step {} {}", event.stage, event.step, score_text(evaluated->result));
  else if (!event.is<StepEvent>())
    spdlog::info("{} {} step {} {}", event_type(event.body), event.stage, event.step, to_json(event.body).dump());
}

RunFolder folder_of_run(const TrainCommandOptions& options) {
  if (!options.wants_resume) return create_run(options.project, options.run);
  const RunFolder run = find_run(options.project, options.resume);
  if (!options.from.empty()) roll_back_run(run, options.from, options.reason);
  return options.wants_branch ? branch_run(run, options.project, options.branch) : run;
}

/// Each stage that is done tells what later ones of its kind will take. That is no part of the run: where it can't be
/// kept, a check goes without.
class StageTimes {
 public:
  StageTimes(const Project& project, fs::path file, std::string run, const std::vector<StageEstimate>& estimates)
      : project_(project), file_(std::move(file)), run_(std::move(run)), estimates_(estimates) {}

  void observe(const Event& event) {
    times_.add(event);
    if (event.is<StageFinishedEvent>()) keep(event.stage);
  }

 private:
  void keep(const std::string& stage) try {
    auto measured = times_.measured(run_);
    const auto options = std::ranges::find(project_.stages, stage, &StageOptions::name);
    if (!measured || measured->stage != stage || options == project_.stages.end()) return;
    // From a cache that was full already nothing is known of what filling it takes.
    if ((project_.run.vision_cache == "on" && measured->vision_seconds == 0) ||
        (project_.run.teacher_cache == "on" && distils(*options) && measured->teacher_seconds == 0))
      return;
    measured->key = measurement_key(project_, *options);
    measured->when = now();
    const auto estimate = std::ranges::find(estimates_, stage, &StageEstimate::stage);
    if (estimate != estimates_.end()) measured->sample_operations = estimate->sample_operations;
    add_measurements(file_, {*std::move(measured)});
  } catch (const UserError&) {
  } catch (const RunError&) {
  }

  const Project& project_;
  fs::path file_;
  std::string run_;
  const std::vector<StageEstimate>& estimates_;
  RunMeasurement times_;
};

/// A branch that was refused before its first step is nothing to keep.
void remove_unbegun(const RunFolder& run) {
  if (read_run_info(run).session == 0) delete_run(run);
}

/// A resume that has nothing to do is no failure: scripts repeat it until all is done.
int tell_finished(const RunFolder& run, const TrainCommandOptions& options) {
  std::cerr << fmt::format(
                   "llavakd: The run {} is finished, so there is nothing to go on with, and nothing of it was changed. "
                   "`llavakd eval {}` scores its student again; `llavakd train {}` begins a new run.",
                   run.id(), shell_word(options.project), shell_word(options.project))
            << std::endl;
  return exit_done;
}

/// The run to resume, once a roll back that was cut short is done or undone: before that nobody knows how far it is.
RunFolder settled_run(const TrainCommandOptions& options) {
  RunFolder run = find_run(options.project, options.resume);
  if (!read_run_info(run).going_back) return run;
  const RunLock lock(run, "Stop that one first, or wait until it has ended.");
  if (const auto settled = settle_roll_back(run)) std::cerr << "llavakd: " << to_text(*settled) << std::endl;
  return run;
}

/// Whether a person sits at the terminal that the command reads from.
bool has_terminal() {
  return isatty(STDIN_FILENO) && isatty(STDERR_FILENO) && tcgetpgrp(STDIN_FILENO) == getpgrp();
}

/// How a run that stopped at a gate goes on.
std::string ways_on(const TrainCommandOptions& options, const RunFolder& run) {
  const std::string command = fmt::format("llavakd train {} --resume {}", shell_word(options.project), run.id());
  std::string text = fmt::format("Go on all the same: {} --pass-gate REASON", command);
  try {
    text += fmt::format("\nGo back first:       {} --from {} --reason REASON", command, roll_back_target(run).name);
  } catch (const UserError&) {
    // It is the first stage.
  }
  return text;
}

/// What the command ends with, once the run has.
int conclude(const TrainCommandOptions& options, const RunFolder& run, const RunResult& result, RunOutput& output) {
  if (result.roll_back) {
    const RolledBackEvent what = roll_back_run(run, {}, *result.roll_back);
    output.show({.time = now(), .body = what});
    output.finish(run, run.checkpoints() / what.to);
    return exit_stopped;
  }
  output.finish(run, result.checkpoint);
  if (result.unmet_gate.empty()) return result.stopped ? exit_stopped : exit_done;
  std::cerr << "llavakd: " << result.unmet_gate << '\n' << ways_on(options, run) << std::endl;
  return exit_gate_unmet;
}

void refuse_mixed(const TrainCommandOptions& options) {
  if (options.wants_resume && !options.run.empty())
    throw UserError("Give either --run for a new run or --resume for an old one.");
  if (options.accept_changes && !options.wants_resume)
    throw UserError("--accept-changes goes with --resume: a new run has read nothing yet.");
  if (options.wants_branch && !options.wants_resume)
    throw UserError("--branch goes with --resume RUN: it names the run that the new one is a branch of.");
  if (!options.wants_resume && !(options.from.empty() && options.pass_gate.empty()))
    throw UserError("--from and --pass-gate go with --resume RUN: a new run is at no gate yet.");
  if (options.from.empty() != options.reason.empty())
    throw UserError("--from and --reason go together: the run's record keeps why it went back.");
  const std::string& kept = options.from.empty() ? options.pass_gate : options.reason;
  if (!kept.empty() && kept.find_first_not_of(" \t\r\n") == std::string::npos)
    throw UserError("The reason has no words: the run's record keeps it.");
  if (!options.from.empty() && (options.wants_branch || !options.pass_gate.empty()))
    throw UserError("--from goes with neither --branch nor --pass-gate: it keeps what it leaves as a run of its own.");
}

int run_train(const TrainCommandOptions& options) {
  refuse_mixed(options);
  refuse_several_processes("train");
  const Project project = project_of(options);
  if (options.wants_resume && !options.wants_branch && options.from.empty())
    if (const RunFolder run = settled_run(options); has_nothing_left(run, project)) return tell_finished(run, options);
  std::vector<StageEstimate> estimates;
  refuse_red(project, options.project, device_fault, &estimates);  // before anything is written
  RunControl control;
  const StopSignal stop(control);
  const RunFolder run = folder_of_run(options);
  log_to(run);
  ControlSocket socket(run, control, STDIN_FILENO);
  RunOutput output(project, options.json);
  StageTimes times(project, options.project, run.id(), estimates);
  const EventSink sink = [&](const Event& event) {
    socket.observe(event);
    log_event(event);
    output.show(event);
    times.observe(event);
  };
  TrainOptions train_options;
  train_options.resume = options.wants_resume;
  train_options.accept_changes = options.accept_changes || options.wants_branch;
  train_options.control_socket = socket.path();
  train_options.estimates = forecasts(estimates);
  train_options.can_ask = has_terminal() || (options.wait_at_gates && !socket.path().empty());
  if (!options.pass_gate.empty()) train_options.pass_gate = options.pass_gate;
  if (!socket.warning().empty()) train_options.warnings.push_back(socket.warning());
  const RunResult result = [&] {
    try {
      return train(project, options.project, run, sink, control, train_options);
    } catch (const UserError&) {
      if (options.wants_branch) remove_unbegun(run);
      throw;
    }
  }();
  return conclude(options, run, result, output);
}

}  // namespace

void add_train_command(CommandLine& line) {
  auto options = std::make_shared<TrainCommandOptions>();
  CLI::App* command = line.add("train", "Runs the project's stages. Ctrl-C finishes the step, saves and leaves with 3.",
                               [options] { return run_train(*options); });
  command->add_option("project", options->project, "Project file.")->required();
  command->add_option("--stage", options->stage, "Run this stage alone.");
  command
      ->add_option("--set", options->settings,
                   "Change an option for this run: run.seed=7, stages.DFT.learning_rate=1e-4.")
      ->take_all()
      ->allow_extra_args(false);
  command->add_option("--run", options->run, "Name of the new run; otherwise date and time.");
  command->add_option("--resume", options->resume, "Go on with this run, or with the newest unfinished one.")
      ->expected(0, 1)
      ->each([options](const std::string&) {});
  command->add_flag("--accept-changes", options->accept_changes,
                    "Resume although data, pictures, questions or models have changed since; the run notes it.");
  command
      ->add_option("--branch", options->branch,
                   "With --resume: go on in a new run of this name, or of date and time, whatever has changed; the old "
                   "one stays as it is.")
      ->expected(0, 1)
      ->each([options](const std::string&) {});
  command->add_option("--pass-gate", options->pass_gate,
                      "With --resume: go on although the gate that the run stopped at isn't met; why, for its record.");
  command->add_option("--from", options->from,
                      "With --resume: go back to this checkpoint, or to the last one of this stage, first. What came "
                      "after it becomes a run of its own.");
  command->add_option("--reason", options->reason, "Why the run goes back, for its record.");
  command->add_flag("--wait-at-gates", options->wait_at_gates,
                    "Wait at a gate that asks also without a terminal: somebody will answer on the control socket.");
  command->add_flag("--stdin", options->from_stdin,
                    "Takes the project's text from standard input, as if it stood in that file.");
  command->add_flag("--json", options->json, "Each event as one JSON line on stdout.");
  command->callback([options, command] {
    options->wants_resume = command->count("--resume") > 0;
    options->wants_branch = command->count("--branch") > 0;
  });
  command->footer(
      "Ctrl-C, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1 and SIGUSR2 alike let the run finish its step, save and leave with 3; "
      "so do several of them.\nA third one, two seconds after the others, ends it at once.\n\n"
      "A gate (stages[].gate) that isn't met stops the run, which leaves with 4, or asks: answer with a line "
      "\"go on REASON\", \"roll back REASON\" or \"stop\".\n\n"
      "Options of a project (--set):\n" +
      option_manual());
}

}  // namespace llavakd
