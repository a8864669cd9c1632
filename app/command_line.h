// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace llavakd {

/// Exit codes of the program.
enum ExitCode : int { exit_done = 0, exit_failed = 1, exit_wrong_input = 2, exit_stopped = 3, exit_gate_unmet = 4 };

/// The table of commands: each command file adds its parser and what runs when it was chosen.
class CommandLine {
 public:
  CommandLine();

  /// A new subcommand. `run` is called after parsing and returns the exit code.
  CLI::App* add(const std::string& name, const std::string& help, std::function<int()> run);
  /// A group of subcommands ("data").
  CLI::App* add_group(const std::string& name, const std::string& help);
  CLI::App* add_to(CLI::App* group, const std::string& name, const std::string& help, std::function<int()> run);

  /// Parses, runs, catches: the one place where errors become messages and exit codes.
  int run(int argc, char** argv);

 private:
  int run_chosen();
  /// One sentence about arguments that can't be understood.
  std::string what_is_wrong(const CLI::ParseError& error, int argc, char** argv) const;
  CLI::App app_;
  std::vector<std::pair<CLI::App*, std::function<int()>>> commands_;
};

void add_project_commands(CommandLine& line);                ///< new, check, data
void add_sample_command(CommandLine& line, CLI::App* data);  ///< data show
void add_train_command(CommandLine& line);
void add_runs_commands(CommandLine& line);  ///< runs: list, show, diff, tag, note, baseline, pin, delete, import
void add_verify_command(CommandLine& line);
void add_bundle_command(CommandLine& line);
void add_report_command(CommandLine& line);
void add_runs_ablation_command(CommandLine& line, CLI::App* runs);  ///< runs ablation
void add_runs_prune_command(CommandLine& line, CLI::App* runs);     ///< runs prune
void add_runs_queue_commands(CommandLine& line, CLI::App* runs);    ///< runs queue: list, add, remove, hold, run
void add_scoring_commands(CommandLine& line);                       ///< ablate, eval
void add_failures_command(CommandLine& line);
void add_model_commands(CommandLine& line);  ///< show, answer
void add_inspect_command(CommandLine& line);
void add_export_command(CommandLine& line);
void add_losses_command(CommandLine& line);
void add_words_command(CommandLine& line);
void add_gradients_command(CommandLine& line);
void add_input_commands(CommandLine& line);    ///< tokens, pixels
void add_machine_commands(CommandLine& line);  ///< doctor, serve
void add_bench_command(CommandLine& line);

/// Refuses, before any work is done, an output file that can't be written: its folder is missing or closed to us, or a
/// folder of that name is in the way.
void refuse_unwritable(const std::filesystem::path& file);

/// All of standard input.
std::string standard_input();

/// One JSON document on stdout, indented.
void print_json(const nlohmann::ordered_json& json);

/// A progress line on stderr that overwrites itself on a terminal; nothing when stderr is no terminal.
class ProgressLine {
 public:
  ~ProgressLine();
  void show(const std::string& text);

 private:
  size_t width_ = 0;
};

}  // namespace llavakd
