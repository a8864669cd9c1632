// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QtTest>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>

#include "core/base/machine.h"

using namespace llavakd;
namespace fs = std::filesystem;

namespace {

constexpr int64_t mib = int64_t{1} << 20;

}  // namespace

class TstMachine : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void init() { m_dir = std::make_unique<QTemporaryDir>(); }

  void withoutLimits() {
    write("proc/meminfo", "MemTotal:  1024 kB\nMemFree: 1 kB\nMemAvailable:    512 kB\nSwapTotal: 2048 kB\n");
    QCOMPARE(machine_memory(root()).total_bytes, 3 * mib);
    QCOMPARE(machine_memory(root()).available_bytes, mib / 2);
    QCOMPARE(machine_memory(root()).physical_bytes, mib);
    QCOMPARE(usable_cores(root()), static_cast<int>(std::thread::hardware_concurrency()));
  }

  /// Waiting for a disk is no work.
  void busyProcessors() {
    QCOMPARE(processor_times(root()).all, 0);
    write("proc/stat", "cpu  10 1 4 70 15 0 2 3 5 0\ncpu0 1 1 1 1 1 1 1 1 1 1\nintr 5\n");
    QCOMPARE(processor_times(root()).busy, 20);
    QCOMPARE(processor_times(root()).all, 105);
    write("proc/stat", "cpu nothing\n");
    QCOMPARE(processor_times(root()).all, 0);
  }

  void graphicsCards() {
    QVERIFY(graphics_loads(root()).empty());
    write("sys/class/drm/card1/device/gpu_busy_percent", "45\n");
    write("sys/class/drm/card1/device/mem_info_vram_used", "1048576\n");
    write("sys/class/drm/card1/device/mem_info_vram_total", "2097152\n");
    write("sys/class/drm/card0/device/vendor", "0x10de\n");  // its driver tells nothing here
    const auto loads = graphics_loads(root());
    QCOMPARE(loads.size(), size_t(1));
    QCOMPARE(loads[0].busy, 0.45);
    QCOMPARE(loads[0].used_bytes, mib);
    QCOMPARE(loads[0].total_bytes, 2 * mib);
  }

  void nothingIsTold() {
    QCOMPARE(machine_memory(root()).total_bytes, 0);
    QCOMPARE(machine_memory(root()).available_bytes, 0);
    QVERIFY(usable_cores(root()) >= 1);
  }

  /// The group's own limit is "max", the one of the group above it counts.
  void version2() {
    write("proc/meminfo", "MemTotal: 1048576 kB\nMemAvailable: 524288 kB\nSwapTotal: 0 kB\n");
    write("proc/self/cgroup", "0::/job_7/step_0\n");
    write("sys/fs/cgroup/job_7/step_0/memory.max", "max\n");
    write("sys/fs/cgroup/job_7/step_0/cpu.max", "max 100000\n");
    write("sys/fs/cgroup/job_7/memory.max", std::to_string(100 * mib) + "\n");
    write("sys/fs/cgroup/job_7/memory.current", std::to_string(70 * mib) + "\n");
    write("sys/fs/cgroup/job_7/memory.stat",
          "anon 5\nfile 1\nactive_file 7\ninactive_file " + std::to_string(20 * mib) + "\n");
    write("sys/fs/cgroup/job_7/cpu.max", "50000 100000\n");
    QCOMPARE(machine_memory(root()).total_bytes, 100 * mib);
    QCOMPARE(machine_memory(root()).available_bytes, 50 * mib);
    QCOMPARE(usable_cores(root()), 1);
  }

  /// Version 1 inside a container: the path is the host's, the mount's root is the container.
  void version1() {
    write("proc/meminfo", "MemTotal: 1048576 kB\nMemAvailable: 524288 kB\nSwapTotal: 0 kB\n");
    write("proc/self/cgroup", "12:pids:/docker/1f\n5:cpu,cpuacct:/docker/1f\n4:memory:/docker/1f\n0::/system\n");
    write("sys/fs/cgroup/memory/memory.limit_in_bytes", std::to_string(64 * mib) + "\n");
    write("sys/fs/cgroup/memory/memory.usage_in_bytes", std::to_string(80 * mib) + "\n");
    write("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "20000\n");
    write("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
    QCOMPARE(machine_memory(root()).total_bytes, 64 * mib);
    QCOMPARE(machine_memory(root()).available_bytes, 0);
    QCOMPARE(usable_cores(root()), 1);
  }

  /// No quota is -1, no limit the largest number of pages.
  void version1WithoutLimits() {
    write("proc/meminfo", "MemTotal: 1024 kB\nMemAvailable: 512 kB\nSwapTotal: 0 kB\n");
    write("proc/self/cgroup", "4:memory:/\n1:cpu:/\n");
    write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    write("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
    write("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
    QCOMPARE(machine_memory(root()).total_bytes, mib);
    QCOMPARE(usable_cores(root()), static_cast<int>(std::thread::hardware_concurrency()));
  }

  void brokenFiles() {
    write("proc/meminfo", "MemTotal: many kB\nMemAvailable\n\n: 3\nMemTotal: 1024 kB\n");
    write("proc/self/cgroup", "nonsense\n::\n0::\n");
    write("sys/fs/cgroup/memory.max", "a lot\n");
    write("sys/fs/cgroup/cpu.max", "0 0\n");
    QCOMPARE(machine_memory(root()).total_bytes, mib);
    QCOMPARE(usable_cores(root()), static_cast<int>(std::thread::hardware_concurrency()));
  }

  void thisMachine() {
    const MachineMemory memory = machine_memory();
    QVERIFY(memory.available_bytes > 0);
    QVERIFY(memory.available_bytes <= memory.total_bytes);
  }

 private:
  fs::path root() const { return m_dir->path().toStdString(); }

  void write(const std::string& file, const std::string& text) const {
    fs::create_directories((root() / file).parent_path());
    std::ofstream(root() / file) << text;
  }

  std::unique_ptr<QTemporaryDir> m_dir;
};

QTEST_GUILESS_MAIN(TstMachine)
#include "tst_machine.moc"
