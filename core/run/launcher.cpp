// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/launcher.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <cstring>
#include <optional>

#include "core/base/errors.h"

namespace llavakd {
namespace {

struct Launcher {
  const char* size;  ///< Variable that holds how many processes there are.
  const char* rank;  ///< Variable that holds which of them this is.
  const char* name;  ///< Who sets them.
};

constexpr Launcher launchers[] = {
    {"WORLD_SIZE", "RANK", "torchrun, accelerate or deepspeed"},
    {"OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK", "mpirun of Open MPI"},
    {"MV2_COMM_WORLD_SIZE", "MV2_COMM_WORLD_RANK", "mpirun of MVAPICH"},
    {"PMI_SIZE", "PMI_RANK", "mpiexec of MPICH or Intel MPI"},
    {"PALS_NRANKS", "PALS_RANKID", "mpiexec of HPE"},
    {"JSM_NAMESPACE_SIZE", "JSM_NAMESPACE_RANK", "jsrun"},
    {"FLUX_JOB_SIZE", "FLUX_TASK_RANK", "flux run"},
};

std::optional<int64_t> number(const Environment& environment, const char* name) {
  const char* text = environment(name);
  if (!text) return std::nullopt;
  int64_t value = 0;
  const char* end = text + std::strlen(text);
  const auto [stop, error] = std::from_chars(text, end, value);
  return error == std::errc() && stop == end ? std::optional(value) : std::nullopt;
}

[[noreturn]] void refuse(const std::string& command, const char* launcher, const std::string& found,
                         const std::string& remedy) {
  throw UserError(
      fmt::format("`llavakd {}` is a single process, but this is one of several that {} started ({}), and each would "
                  "train the whole run: start it once, without the launcher, or {} if it is to be alone.",
                  command, launcher, found, remedy));
}

}  // namespace

void refuse_several_processes(const std::string& command, const Environment& environment) {
  for (const Launcher& launcher : launchers) {
    const auto size = number(environment, launcher.size), rank = number(environment, launcher.rank);
    if (size.value_or(1) <= 1 && (size || rank.value_or(0) <= 0)) continue;
    std::string found = rank ? fmt::format("{}={}", launcher.rank, *rank) : "";
    if (size) found += fmt::format("{}{}={}", found.empty() ? "" : ", ", launcher.size, *size);
    refuse(command, launcher.name, found, fmt::format("unset {} and {}", launcher.rank, launcher.size));
  }
  // In a batch script the tasks are those that srun may start later: only a step has them.
  if (!environment("SLURM_STEP_ID")) return;
  const char* name = environment("SLURM_STEP_NUM_TASKS") ? "SLURM_STEP_NUM_TASKS" : "SLURM_NTASKS";
  const auto tasks = number(environment, name);
  if (tasks.value_or(1) <= 1) return;
  const auto rank = number(environment, "SLURM_PROCID");
  refuse(command, "srun", fmt::format("SLURM_PROCID={}, {}={}", rank.value_or(0), name, *tasks), "use srun --ntasks=1");
}

}  // namespace llavakd
