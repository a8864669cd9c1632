// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <dlfcn.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <new>

#include "app/command_line.h"
#include "app/commands/stop_signal.h"
#include "core/io/machine.h"
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

int run(int argc, char** argv) {
  std::signal(SIGXFSZ, SIG_IGN);  // a limit on files is told as a full disk is, instead of ending the program
  llavakd::handle_stop_signals();
  load_cuda_beside_torch();
  llavakd::prepare_memory(llavakd::machine_memory().total_bytes);
  llavakd::CommandLine line;
  llavakd::add_project_commands(line);
  llavakd::add_train_command(line);
  llavakd::add_scoring_commands(line);
  llavakd::add_model_commands(line);
  llavakd::add_export_command(line);
  llavakd::add_losses_command(line);
  llavakd::add_input_commands(line);
  llavakd::add_machine_commands(line);
  llavakd::add_bench_command(line);
  return line.run(argc, argv);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {  // of the time before a command is chosen; it needs no memory of its own
    std::fputs("llavakd: the program could not be started: ", stderr);
    std::fputs(dynamic_cast<const std::bad_alloc*>(&error) ? "out of memory; raise the limit on it" : error.what(),
               stderr);
    std::fputs(".\n", stderr);
    return llavakd::exit_failed;
  }
}
