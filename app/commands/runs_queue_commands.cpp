// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstring>
#include <iostream>
#include <thread>
#include <utility>

#include "app/command_line.h"
#include "app/commands/run_tables.h"
#include "app/commands/stop_signal.h"
#include "core/base/errors.h"
#include "core/base/name_list.h"
#include "core/base/printable.h"
#include "core/project/project_file.h"
#include "core/run/launcher.h"
#include "core/run/queue_runner.h"
#include "core/run/run_folder.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

struct QueueOptions {
  std::string project, run, arms, seeds, entry;
  std::vector<std::string> settings;
  bool json = false, off = false;
};

Json queued_json(const QueuedRun& run) {
  Json changes = Json::object();
  for (const ProjectDifference& change : queued_changes(run)) changes[change.option] = change.is;
  return {{"id", run.id},
          {"project_file", run.project_file.string()},
          {"project_name", run.project_name},
          {"run", run.run_name},
          {"changes", std::move(changes)},
          {"added", run.added},
          {"fault", run.fault}};
}

/// "run.seed=7, schedule=["DPT"] and 2 more": where it differs from its project's file.
std::string changes_text(const QueuedRun& run) {
  std::vector<std::string> texts;
  for (const ProjectDifference& change : queued_changes(run))
    texts.push_back(printable(fmt::format("{}={}", change.option, change.is.dump()), 40));
  return name_list(texts, 3);
}

/// Empty where the next one is about to start.
std::string queue_state(const QueueStep& step) {
  const StoredQueue& queue = step.queue;
  if (queue.started && step.is_at_work) return fmt::format("{} is at work.", queue.started->folder.filename().string());
  if (queue.held)
    return fmt::format("{} `llavakd runs queue run` starts them; `hold --off` lets an open window do it.",
                       queue.reason.empty() ? "Held: nothing is started." : queue.reason);
  if (queue.waiting.empty()) return "Nothing waits.";
  return next_queued_run(queue) ? "" : "None of these could be started.";
}

int print_queue(const QueueOptions& options) {
  const QueueStep step = step_run_queue(run_queue_folder(), {}, false);
  const StoredQueue& queue = step.queue;
  if (options.json) {
    Json json{{"held", queue.held},
              {"reason", queue.reason},
              {"started", nullptr},
              {"at_work", step.is_at_work},
              {"waiting", Json::array()}};
    if (queue.started) json["started"] = queue.started->folder.string();
    for (const QueuedRun& run : queue.waiting) json["waiting"].push_back(queued_json(run));
    print_json(json);
    return exit_done;
  }
  std::vector<std::vector<std::string>> lines{{"", "added", "project", "run", "changed", "file", ""}};
  for (const QueuedRun& run : queue.waiting)
    lines.push_back({std::to_string(lines.size()), date_text(run.added),
                     printable(run.project_name.empty() ? run.project_file.filename().string() : run.project_name, 60),
                     run.run_name, changes_text(run), printable(run.project_file.string()),
                     run.fault.empty() ? "" : "not started: " + run.fault});
  if (lines.size() > 1) std::cout << table_text(lines);
  if (const std::string state = queue_state(step); !state.empty()) std::cout << state << '\n';
  return exit_done;
}

/// The entries that the arguments ask for: one, or one for each arm and seed.
std::vector<QueuedRun> entries_of(const QueueOptions& options) {
  Project project = load_project(options.project);
  apply_settings(project, options.settings);
  std::vector<QueuedRun> entries = queued_arms(options.project, project, options.arms, options.seeds);
  if (!options.run.empty() && entries.size() > 1)
    throw UserError("Several runs can't have one name: leave --run away, or add them one by one.");
  if (!options.run.empty()) {
    StoredQueue one{.waiting = std::move(entries)};
    name_queued_run(one, one.waiting.front().id, options.run);
    return one.waiting;
  }
  return entries;
}

int add_to_queue(const QueueOptions& options) {
  const std::vector<QueuedRun> entries = entries_of(options);
  const StoredQueue queue = change_run_queue(run_queue_folder(), [&](StoredQueue& stored) {
    stored.waiting.insert(stored.waiting.end(), entries.begin(), entries.end());
  });
  if (options.json) {
    Json list = Json::array();
    for (const QueuedRun& entry : entries) list.push_back(queued_json(entry));
    print_json(list);
  } else {
    std::cout << fmt::format("{} in the queue{}\n", queue.waiting.size(),
                             queue.held ? fmt::format(". {}", queue_state({.queue = queue}))
                                        : "; `llavakd runs queue run` or an open window starts them.");
  }
  return exit_done;
}

int remove_from_queue(const QueueOptions& options) {
  const fs::path folder = run_queue_folder();
  const std::vector<QueuedRun> waiting = read_run_queue(folder).waiting;
  std::string id = options.entry;
  size_t number = 0;
  const char* end = id.data() + id.size();
  const auto read = std::from_chars(id.data(), end, number);
  if (read.ec == std::errc() && read.ptr == end && number >= 1 && number <= waiting.size()) id = waiting[number - 1].id;
  if (std::ranges::find(waiting, id, &QueuedRun::id) == waiting.end())
    throw UserError(fmt::format("There is no entry {} in the queue; it has {}.", options.entry, waiting.size()));
  change_run_queue(folder, [&](StoredQueue& queue) { remove_queued_run(queue, id); });
  return exit_done;
}

int hold_the_queue(const QueueOptions& options) {
  const StoredQueue queue =
      change_run_queue(run_queue_folder(), [&](StoredQueue& stored) { hold_queue(stored, !options.off); });
  std::cout << (queue.held ? queue_state({.queue = queue}) : "No longer held.") << '\n';
  return exit_done;
}

/// A file that holds the text, to be read from its start.
int file_with(const std::string& text) {
  const int descriptor = memfd_create("project", MFD_CLOEXEC);
  if (descriptor < 0 || write(descriptor, text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
      lseek(descriptor, 0, SEEK_SET) != 0)
    throw RunError("The project can't be handed to the engine: there is no memory left.");
  return descriptor;
}

/// `llavakd train` for this run, as a process of its own: what it does to its memory or its threads ends with it.
pid_t spawn_train(const StartedRun& run) {
  const int input = file_with(run.entry.project);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  std::string words[] = {"llavakd", "train", run.entry.project_file.string(), "--run", run.folder.filename().string(),
                         "--stdin"};
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t child = -1;
  const int error = posix_spawn(&child, "/proc/self/exe", &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(input);
  if (error != 0) throw RunError(fmt::format("The engine can't be started: {}.", strerror(error)));
  return child;
}

/// Waits for the run; a request to stop goes on to it. Gives the exit code, or -1 after a signal.
int wait_for(pid_t child, const RunControl& control) {
  bool told = false;
  for (;;) {
    int status = 0;
    const pid_t ended = waitpid(child, &status, WNOHANG);
    if (ended == child) return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    if (!told && control.state() == RunControl::State::stopping) {
      kill(child, SIGTERM);  // one from the terminal as well: within two seconds they count as one
      told = true;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

/// Runs it to its end; false where it failed.
bool run_entry(const fs::path& folder, const StartedRun& run, const RunControl& control) {
  std::cerr << fmt::format("{}: {}", run.folder.filename().string(), run.entry.project_file.string()) << std::endl;
  const int code = wait_for(spawn_train(run), control);
  std::error_code error;
  if (code != exit_done && !fs::exists(RunFolder{run.folder}.info(), error))
    give_back_queued_run(
        folder, run, fmt::format("It was refused before it began (exit code {}); `llavakd train` tells why.", code));
  return code == exit_done || code == exit_stopped;
}

/// A second, or until a request to stop.
void wait_a_while(const RunControl& control) {
  for (int i = 0; i < 10 && control.state() != RunControl::State::stopping; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
}

int run_the_queue() {
  refuse_several_processes("runs queue run");
  const fs::path folder = run_queue_folder();
  change_run_queue(folder, [](StoredQueue&) {});  // tells why where the queue can't be kept
  const auto runner = QueueRunner::take(folder);
  if (!runner)
    throw UserError("A window or another command starts the runs of the queue already; this one would only wait.");
  change_run_queue(folder, [](StoredQueue& queue) { hold_queue(queue, false); });
  RunControl control;
  const StopSignal stop(control);
  bool all_well = true;
  std::string told;
  while (control.state() != RunControl::State::stopping) {
    const QueueStep step = step_run_queue(folder, {}, true);
    if (step.start) {
      all_well = run_entry(folder, *step.start, control) && all_well;
      continue;
    }
    if (step.queue.held) {
      std::cerr << queue_state(step) << std::endl;
      return exit_stopped;
    }
    if (!step.queue.started && !next_queued_run(step.queue)) {
      std::cerr << queue_state(step) << std::endl;
      return all_well ? exit_done : exit_failed;
    }
    const std::string other = step.queue.started ? step.queue.started->folder.filename().string() : step.waits_for;
    if (std::exchange(told, other) != other) std::cerr << fmt::format("Waits for {}.", other) << std::endl;
    wait_a_while(control);
  }
  // Else an open window would start the next one.
  change_run_queue(folder, [](StoredQueue& queue) {
    hold_queue(queue, next_queued_run(queue) != nullptr, "`llavakd runs queue run` was stopped, so the queue is held.");
  });
  step_run_queue(folder, {}, true);  // notes that the run at work has ended
  return exit_stopped;
}

}  // namespace

void add_runs_queue_commands(CommandLine& line, CLI::App* runs) {
  auto options = std::make_shared<QueueOptions>();
  CLI::App* group = line.add_to(runs, "queue",
                                "The runs that wait to be started one after another, of all projects; the windows show "
                                "the same.",
                                [options] { return print_queue(*options); });
  group->add_flag("--json", options->json, "One JSON document on stdout.");
  group->require_subcommand(0, 1);
  CLI::App* add =
      line.add_to(group, "add", "Adds a project as it is now.", [options] { return add_to_queue(*options); });
  add->add_option("project", options->project, "Project file.")->required();
  add->add_option("--run", options->run, "Name of the run; otherwise the time of its start.");
  add->add_option("--arms", options->arms,
                  "A run for each of these schedules: PT-SFT,DPT-SFT-DFT (`ablate` shares their equal beginnings).");
  add->add_option("--seeds", options->seeds, "A run for each of these seeds: 0,1,2.");
  add->add_option("--set", options->settings, "Change an option for this run.")->take_all()->allow_extra_args(false);
  add->add_flag("--json", options->json, "One JSON document on stdout.");
  CLI::App* remove =
      line.add_to(group, "remove", "Takes an entry out.", [options] { return remove_from_queue(*options); });
  remove->add_option("entry", options->entry, "Its number in the list, or its id.")->required();
  CLI::App* hold = line.add_to(group, "hold", "Starts no further run.", [options] { return hold_the_queue(*options); });
  hold->add_flag("--off", options->off, "Let them start again.");
  line.add_to(group, "run", "Starts the runs one after another, until none waits. Ctrl-C stops the one at work.",
              [] { return run_the_queue(); });
}

}  // namespace llavakd
