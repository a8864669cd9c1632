// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/command_line.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <iostream>
#include <iterator>

#include "core/base/errors.h"
#include "core/io/interruption.h"
#include "core/training/describe_error.h"

namespace llavakd {
namespace {

int report(int code, const std::string& message) {
  std::cerr << "llavakd: " << message << std::endl;
  return code;
}

}  // namespace

CommandLine::CommandLine()
    : app_("LLaVA-KD: distil large multimodal models into small ones (arXiv 2410.16236).", "llavakd") {
  app_.require_subcommand(1);
  app_.set_version_flag("--version", LLAVAKD_VERSION);
  app_.footer(
      "Exit codes: 0 done, 1 failed while running, 2 the input or the command is wrong, 3 stopped on request, "
      "4 stopped at a gate that isn't met.");
}

std::string CommandLine::what_is_wrong(const CLI::ParseError& error, int argc, char** argv) const {
  std::string names, chosen;
  for (const CLI::App* command : app_.get_subcommands([](const CLI::App*) { return true; })) {
    names += (names.empty() ? "" : ", ") + command->get_name();
    if (argc > 1 && command->get_name() == argv[1]) chosen = command->get_name();
  }
  if (chosen.empty() && argc > 1 && argv[1][0] != '-')
    return fmt::format("Unknown command \"{}\"; known are {}.", argv[1], names);
  std::string text = error.what();
  text = text.substr(0, text.find('\n'));
  while (!text.empty() && (text.back() == '.' || text.back() == ' ')) text.pop_back();
  return fmt::format("{}. `llavakd {}--help` shows what can be given.", text, chosen.empty() ? "" : chosen + " ");
}

CLI::App* CommandLine::add(const std::string& name, const std::string& help, std::function<int()> run) {
  return add_to(&app_, name, help, std::move(run));
}

CLI::App* CommandLine::add_group(const std::string& name, const std::string& help) {
  CLI::App* group = app_.add_subcommand(name, help);
  group->require_subcommand(1);
  return group;
}

CLI::App* CommandLine::add_to(CLI::App* group, const std::string& name, const std::string& help,
                              std::function<int()> run) {
  CLI::App* command = group->add_subcommand(name, help);
  commands_.emplace_back(command, std::move(run));
  return command;
}

int CommandLine::run(int argc, char** argv) {
  try {
    app_.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0) return report(exit_wrong_input, what_is_wrong(error, argc, argv));
    app_.exit(error, std::cout, std::cerr);  // --help, --version
    return exit_done;
  }
  try {
    return run_chosen();
  } catch (const UserError& error) {
    return report(exit_wrong_input, error.what());
  } catch (const Interrupted& stopped) {
    return report(exit_stopped, stopped.what());
  } catch (const RunError& error) {
    return report(exit_failed, error.what());
  } catch (const std::filesystem::filesystem_error& error) {
    const bool full = error.code() == std::errc::no_space_on_device;
    return report(
        full ? exit_failed : exit_wrong_input,
        sanitize_message(fmt::format("{} can't be used: {}.", error.path1().string(), error.code().message())));
  } catch (const std::exception& error) {
    return report(exit_failed, describe_error(error));
  }
}

int CommandLine::run_chosen() {
  for (const auto& [command, run] : commands_)
    if (command->parsed() && command->get_subcommands().empty()) return run();
  return exit_wrong_input;
}

void refuse_unwritable(const std::filesystem::path& file) {
  std::error_code error;
  const auto folder = std::filesystem::absolute(file).parent_path();
  if (!std::filesystem::is_directory(folder, error))
    throw UserError(fmt::format("{} can't be written: the folder {} doesn't exist.", file.string(), folder.string()));
  if (access(folder.c_str(), W_OK) != 0)
    throw UserError(
        fmt::format("{} can't be written: the folder {} is closed to you. Choose one that you may write to.",
                    file.string(), folder.string()));
  if (std::filesystem::is_directory(file, error))
    throw UserError(fmt::format("{} can't be written: it is a folder. Give the name of a file.", file.string()));
}

std::string standard_input() {
  return {std::istreambuf_iterator<char>(std::cin), {}};
}

void print_json(const nlohmann::ordered_json& json) {
  std::cout << json.dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << std::endl;
}

ProgressLine::~ProgressLine() {
  if (width_ > 0) std::cerr << '\r' << std::string(width_, ' ') << '\r' << std::flush;
}

void ProgressLine::show(const std::string& text) {
  if (!isatty(STDERR_FILENO)) return;
  const size_t width = std::max(width_, text.size());
  std::cerr << '\r' << text << std::string(width - text.size(), ' ') << std::flush;
  width_ = text.size();
}

}  // namespace llavakd
