// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/machine.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace llavakd {
namespace {

namespace fs = std::filesystem;

/// The number behind a key in a file of "key number" lines, with or without a colon.
std::optional<int64_t> value_of(const fs::path& file, std::string_view key) {
  std::ifstream stream(file);
  for (std::string word; stream >> word;) {
    if (word.ends_with(':')) word.pop_back();
    int64_t value = 0;
    if (word == key && stream >> value) return value;
    stream.clear();
    stream.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
  }
  return std::nullopt;
}

/// The number that a file begins with; none in a file that is missing or says "max".
std::optional<int64_t> number_in(const fs::path& file) {
  std::ifstream stream(file);
  int64_t value = 0;
  if (!(stream >> value)) return std::nullopt;
  return value;
}

bool controls(const std::string& list, std::string_view controller) {
  for (size_t begin = 0; begin <= list.size();) {
    const size_t end = std::min(list.find(',', begin), list.size());
    if (std::string_view(list).substr(begin, end - begin) == controller) return true;
    begin = end + 1;
  }
  return false;
}

/// The folders of the process's group and of all groups above it. A line of /proc/self/cgroup is "0::PATH" for version
/// 2 and "NUMBER:CONTROLLERS:PATH" for version 1. In a container PATH may be outside of what is mounted: then the
/// mount's root, which is always among them, is the container's own group.
std::vector<fs::path> groups_of(const fs::path& root, std::string_view controller) {
  std::vector<fs::path> folders;
  std::ifstream stream(root / "proc/self/cgroup");
  for (std::string line; std::getline(stream, line);) {
    const size_t first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const bool version_2 = line.starts_with("0:") && controllers.empty();
    if (!version_2 && !controls(controllers, controller)) continue;
    const fs::path mount = version_2 ? root / "sys/fs/cgroup" : root / "sys/fs/cgroup" / controller;
    for (fs::path path = fs::path(line.substr(second + 1)).relative_path();; path = path.parent_path()) {
      folders.push_back(mount / path);
      if (path.empty()) break;
    }
  }
  return folders;
}

/// Lowers `memory` to what one control group leaves. Pages of files that nobody needs just now don't count.
void apply_memory_limit(const fs::path& group, MachineMemory& memory) {
  const auto limit_2 = number_in(group / "memory.max"), limit_1 = number_in(group / "memory.limit_in_bytes");
  if (!limit_2 && !limit_1) return;
  const int64_t limit = limit_2 ? *limit_2 : *limit_1;
  const auto used = number_in(group / (limit_2 ? "memory.current" : "memory.usage_in_bytes"));
  const auto idle = value_of(group / "memory.stat", limit_2 ? "inactive_file" : "total_inactive_file");
  memory.total_bytes = std::min(memory.total_bytes, limit);
  memory.physical_bytes = std::min(memory.physical_bytes, limit);
  const int64_t left = limit - std::max<int64_t>(0, used.value_or(0) - idle.value_or(0));
  memory.available_bytes = std::clamp<int64_t>(left, 0, memory.available_bytes);
}

/// How many cores a group's quota is worth.
std::optional<double> quota(const fs::path& group) {
  std::ifstream stream(group / "cpu.max");  // version 2: "QUOTA PERIOD"
  double share = 0, period = 0;
  if (!(stream >> share >> period)) {
    const auto share_1 = number_in(group / "cpu.cfs_quota_us"), period_1 = number_in(group / "cpu.cfs_period_us");
    if (!share_1 || !period_1) return std::nullopt;
    share = static_cast<double>(*share_1);
    period = static_cast<double>(*period_1);
  }
  if (share <= 0 || period <= 0) return std::nullopt;
  return share / period;
}

}  // namespace

MachineMemory machine_memory(const fs::path& root) {
  const fs::path facts = root / "proc/meminfo";
  const auto kibibytes = [&](const char* key) {
    return value_of(facts, key).value_or(0) * 1024;
  };
  MachineMemory memory{kibibytes("MemTotal") + kibibytes("SwapTotal"), kibibytes("MemAvailable"),
                       kibibytes("MemTotal")};
  for (const fs::path& group : groups_of(root, "memory")) apply_memory_limit(group, memory);
  return memory;
}

int usable_cores(const fs::path& root) {
  double cores = std::max(1U, std::thread::hardware_concurrency());  // which knows the affinity
  for (const fs::path& group : groups_of(root, "cpu")) cores = std::min(cores, quota(group).value_or(cores));
  return static_cast<int>(std::ceil(cores));
}

std::string processor_name() {
  std::ifstream stream("/proc/cpuinfo");
  for (std::string line; std::getline(stream, line);)
    if (line.starts_with("model name")) return line.substr(std::min(line.size(), line.find(':') + 2));
  return "unknown";
}

ProcessorTimes processor_times(const fs::path& root) {
  // "cpu", then the ticks of: user, nice, system, idle, waiting for a disk, interrupts, soft interrupts, stolen.
  constexpr int idle = 3, waiting = 4, kinds = 8;
  std::ifstream stream(root / "proc/stat");
  std::string name;
  ProcessorTimes times;
  if (!(stream >> name) || name != "cpu") return times;
  for (int kind = 0; kind < kinds; ++kind) {
    int64_t ticks = 0;
    if (!(stream >> ticks)) break;
    times.all += ticks;
    if (kind != idle && kind != waiting) times.busy += ticks;
  }
  return times;
}

std::vector<GraphicsLoad> graphics_loads(const fs::path& root) {
  constexpr int most_cards = 16;
  std::vector<GraphicsLoad> loads;
  for (int card = 0; card < most_cards; ++card) {
    const fs::path device = root / "sys/class/drm" / ("card" + std::to_string(card)) / "device";
    const auto percent = number_in(device / "gpu_busy_percent");
    if (!percent) continue;
    loads.push_back({static_cast<double>(std::clamp<int64_t>(*percent, 0, 100)) / 100,
                     number_in(device / "mem_info_vram_used").value_or(0),
                     number_in(device / "mem_info_vram_total").value_or(0)});
  }
  return loads;
}

}  // namespace llavakd
