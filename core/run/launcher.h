// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdlib>
#include <functional>
#include <string>

namespace llavakd {

/// The value of an environment variable, or nullptr.
using Environment = std::function<const char*(const char*)>;

/// Throws UserError where a launcher (torchrun, accelerate, deepspeed, mpirun, srun …) started this as one of several
/// processes: each would train the whole run again, and all would write to one folder. `command` is named in the
/// message ("train"). A batch script of Slurm without srun is one process, whatever SLURM_NTASKS says; so is a step of
/// one task.
void refuse_several_processes(const std::string& command, const Environment& environment = std::getenv);

}  // namespace llavakd
