// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <dlfcn.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <new>

#include "app/command_line.h"
#include "app/commands/stop_signal.h"
#include "core/base/machine.h"
#include "core/kernels/memory.h"

namespace {

/// Makes the CUDA half of a CUDA LibTorch available when the program runs on one: nothing links to it.
void load_cuda_beside_torch() {
  Dl_info info{};
  void* symbol = dlsym(RTLD_DEFAULT, "_ZN2at13globalContextEv");
  if (!symbol || !dladdr(symbol, &info) || !info.dli_fname) return;
  const auto library = std::filesystem::path(info.dli_fname).parent_path() / "libtorch_cuda.so";
  std::error_code error;
  if (std::filesystem::exists(library, error)) dlopen(library.c_str(), RTLD_NOW | RTLD_GLOBAL);
}

constexpr char out_of_memory[] =
    "llavakd: Out of memory. Raise the limit on it (ulimit -v, or the job's), or lower what the run needs.\n";

std::terminate_handler usual_end = nullptr;
std::atomic<bool> memory_was_refused = false;

/// What a failed `new` does by itself, noted.
void note_refusal() {
  memory_was_refused = true;
  throw std::bad_alloc();
}

[[noreturn]] void say_and_end() {
  [[maybe_unused]] const auto written = write(STDERR_FILENO, out_of_memory, sizeof out_of_memory - 1);
  _exit(llavakd::exit_failed);
}

/// LibTorch alone takes some 400 MB of address space before main() begins, where nobody can catch what it throws. Later
/// its graph needs memory to be destroyed: where there is none, an error that is on its way ends in a destructor.
void end_without_memory() {
  try {
    if (const auto error = std::current_exception()) std::rethrow_exception(error);
  } catch (const std::bad_alloc&) {
    say_and_end();
  } catch (...) {
    usual_end();
  }
  if (memory_was_refused && std::uncaught_exceptions() > 0) say_and_end();
  usual_end();
}

void before_libraries(int, char**, char**) {
  usual_end = std::set_terminate(end_without_memory);
  std::set_new_handler(note_refusal);
}

// Called before the libraries' own beginnings, which a constructor of the program would come after.
[[gnu::section(".preinit_array"), gnu::used]] void (*first_of_all)(int, char**, char**) = before_libraries;

int run(int argc, char** argv) {
  std::signal(SIGXFSZ, SIG_IGN);  // a limit on files is told as a full disk is, instead of ending the program
  llavakd::handle_stop_signals();
  load_cuda_beside_torch();
  llavakd::prepare_memory(llavakd::machine_memory().total_bytes);
  llavakd::CommandLine line;
  llavakd::add_project_commands(line);
  llavakd::add_train_command(line);
  llavakd::add_runs_commands(line);
  llavakd::add_verify_command(line);
  llavakd::add_bundle_command(line);
  llavakd::add_report_command(line);
  llavakd::add_scoring_commands(line);
  llavakd::add_failures_command(line);
  llavakd::add_model_commands(line);
  llavakd::add_inspect_command(line);
  llavakd::add_export_command(line);
  llavakd::add_losses_command(line);
  llavakd::add_words_command(line);
  llavakd::add_gradients_command(line);
  llavakd::add_input_commands(line);
  llavakd::add_machine_commands(line);
  llavakd::add_bench_command(line);
  return line.run(argc, argv);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::bad_alloc&) {  // before a command is chosen
    std::fputs(out_of_memory, stderr);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "llavakd: the program could not be started: %s\n", error.what());
  }
  return llavakd::exit_failed;
}
