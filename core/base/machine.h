// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace llavakd {

/// What this process may use of the machine's memory, in bytes.
struct MachineMemory {
  int64_t total_bytes = 0;      ///< The machine's memory and swap space, or the limit of the container or the job.
  int64_t available_bytes = 0;  ///< What could still be taken without swapping.
  int64_t physical_bytes = 0;   ///< The total without swap space.
};

/// Reads /proc/meminfo and the limits of the process's control groups, of both versions and of all groups above it
/// (docs.kernel.org: admin-guide/cgroup-v2, "Memory", and cgroup-v1/memory). Who goes beyond such a limit is killed.
/// Zeros where the system tells nothing. `root` is another root of the file system, for tests.
MachineMemory machine_memory(const std::filesystem::path& root = "/");

/// Cores that this process may use, at least 1: those of its affinity, and no more than its control groups' share of
/// the processor's time is worth (cpu.max, cpu.cfs_quota_us). Threads beyond it would only wait for each other.
int usable_cores(const std::filesystem::path& root = "/");

/// The processor's model, as the system names it.
std::string processor_name();
/// What all processors have done since the machine was started, in the kernel's ticks; two of these tell how busy they
/// were between.
struct ProcessorTimes {
  int64_t busy = 0, all = 0;
};

/// Reads /proc/stat. Zeros where there is none.
ProcessorTimes processor_times(const std::filesystem::path& root = "/");

/// How busy a graphics card is.
struct GraphicsLoad {
  double busy = 0;  ///< Share of the time, 0 to 1.
  int64_t used_bytes = 0, total_bytes = 0;
};

/// The cards whose driver tells it in /sys/class/drm, as amdgpu does.
std::vector<GraphicsLoad> graphics_loads(const std::filesystem::path& root = "/");

}  // namespace llavakd
