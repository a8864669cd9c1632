// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <ATen/ATen.h>
#include <ATen/Context.h>
#include <ATen/DeviceAccelerator.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "app/command_line.h"
#include "app/commands/doctor_report.h"
#include "app/commands/serve.h"
#include "core/base/byte_size.h"
#include "core/base/machine.h"
#include "core/io/atomic_file.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;

/// Seconds of a product of two n × n matrices: the best of five, or of fewer where they take longer than a blink.
double gemm_seconds(int64_t n, const at::TensorOptions& options) {
  constexpr double longest = 0.25;
  const at::Tensor a = at::randn({n, n}, at::kFloat).to(options), b = at::randn({n, n}, at::kFloat).to(options);
  const auto start = std::chrono::steady_clock::now();
  const auto since = [](auto begin) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  };
  double best = 1e30;
  for (int i = 0; i < 5 && (i == 0 || since(start) < longest); ++i) {
    const auto begin = std::chrono::steady_clock::now();
    at::Tensor c = a.matmul(b);
    if (const at::Device device = options.device(); !device.is_cpu())
      at::accelerator::synchronizeDevice(device.index());
    best = std::min(best, since(begin));
  }
  return best;
}

/// Rate of a square matrix product in 1e9 floating-point operations a second. Small ones first: where bfloat16 has no
/// instructions of its own, the large one would take many seconds.
double gemm_gflops(at::ScalarType type, const at::Device& device) {
  constexpr double longest = 0.25;
  constexpr int64_t least = 64;
  const auto options = at::TensorOptions().dtype(type).device(device);
  gemm_seconds(least, options);  // sets up threads, kernels and the accelerator
  double rate = 0;
  for (const int64_t n : {least, int64_t{256}, int64_t{1024}}) {
    const double seconds = gemm_seconds(n, options);
    rate = std::max(rate, 2.0 * static_cast<double>(n * n * n) / seconds * 1e-9);
    // The next one is 4 × 4 × 4 times the work. The least says nothing of that: on a busy machine its threads wait.
    if (n > least && seconds * 64 > longest) break;
  }
  return rate;
}

std::string torch_version() {
  const std::string config = at::show_config();
  const auto begin = config.find("TORCH_VERSION=");
  return begin == std::string::npos ? "unknown" : config.substr(begin + 14, config.find(',', begin) - begin - 14);
}

Json device_facts() {
  Json devices = Json::array();
  devices.push_back({{"name", "cpu"}, {"model", processor_name()}});
  if (const auto accelerator = at::accelerator::getAccelerator())
    for (int i = 0; i < at::accelerator::deviceCount(); ++i)
      devices.push_back({{"name", at::Device(*accelerator, static_cast<c10::DeviceIndex>(i)).str()}});
  for (auto& device : devices) {
    const at::Device at_device(device["name"].get<std::string>());
    device["gemm_gflops"] = {{"fp32", gemm_gflops(at::kFloat, at_device)},
                             {"bf16", gemm_gflops(at::kBFloat16, at_device)}};
  }
  return devices;
}

struct DoctorOptions {
  std::string report;
  bool wants_report = false, json = false;
};

Json facts_of_machine() {
  std::error_code error;
  const auto space = std::filesystem::space(std::filesystem::current_path(), error);
  Json facts;
  facts["version"] = LLAVAKD_VERSION;
  facts["libtorch"] = torch_version();
  facts["cores"] = usable_cores();
  facts["threads"] = at::get_num_threads();
  const MachineMemory memory = machine_memory();
  facts["memory_bytes"] = memory.total_bytes;
  facts["memory_available_bytes"] = memory.available_bytes;
  facts["disk_free_bytes"] = error ? 0 : static_cast<int64_t>(space.available);
  facts["devices"] = device_facts();
  return facts;
}

int write_report(const std::string& file) {
  const std::string text = doctor_report(facts_of_machine());
  if (file.empty()) {
    std::cout << text;
    return exit_done;
  }
  write_file_atomically(file, text);
  std::cout << fmt::format("The report is in {}: read it before you send it.\n", file);
  return exit_done;
}

int run_doctor(const DoctorOptions& options) {
  if (options.wants_report) {
    if (!options.report.empty()) refuse_unwritable(options.report);
    return write_report(options.report);
  }
  const Json facts = facts_of_machine();
  if (options.json) {
    print_json(facts);
    return exit_done;
  }
  std::cout << fmt::format("llavakd {} with LibTorch {}\n", LLAVAKD_VERSION, facts["libtorch"].get<std::string>())
            << fmt::format("{} cores, {} threads used; {} of {} memory available; {} disk free here\n",
                           facts["cores"].get<int>(), facts["threads"].get<int>(),
                           size_text(facts["memory_available_bytes"].get<double>()),
                           size_text(facts["memory_bytes"].get<double>()),
                           size_text(facts["disk_free_bytes"].get<double>()));
  for (const auto& device : facts["devices"])
    std::cout << fmt::format("{}: {:.3g} GFLOPS fp32, {:.3g} GFLOPS bf16 (matrix product){}\n",
                             device["name"].get<std::string>(), device["gemm_gflops"]["fp32"].get<double>(),
                             device["gemm_gflops"]["bf16"].get<double>(),
                             device.contains("model") ? "; " + device["model"].get<std::string>() : "");
  if (facts["devices"].size() == 1) std::cout << "No accelerator was found: training runs on the CPU.\n";
  return exit_done;
}

}  // namespace

void add_machine_commands(CommandLine& line) {
  auto doctor = std::make_shared<DoctorOptions>();
  CLI::App* command = line.add("doctor", "This machine: devices, threads, memory, measured matrix-product rate.",
                               [doctor] { return run_doctor(*doctor); });
  CLI::Option* json = command->add_flag("--json", doctor->json, "Machine-readable output.");
  CLI::Option* report =
      command
          ->add_option("--report", doctor->report,
                       "A report for those who mend faults: libraries, limits, what works here; no name, no path. "
                       "Into this file, or printed.")
          ->expected(0, 1)
          ->each([](const std::string&) {})
          ->excludes(json);
  command->callback([doctor, report] { doctor->wants_report = report->count() > 0; });

  auto served = std::make_shared<std::pair<std::string, double>>();
  command = line.add("serve", "Answers the studio's questions: JSON-RPC 2.0 on stdin and stdout, one message a line.",
                     [served] {
                       constexpr double gib = 1024.0 * 1024 * 1024;
                       return serve(served->first, static_cast<int64_t>(served->second * gib), std::cin, std::cout);
                     });
  command->add_option("project", served->first, "Project file.")->required();
  command
      ->add_option("--memory", served->second,
                   "GiB that models may take together; the one asked longest ago goes first. Without it half of the "
                   "memory that is free.")
      ->check([](const std::string& text) {
        const double given = std::strtod(text.c_str(), nullptr);
        return given >= 0.001 && given <= 1e6 ? std::string() : "GiB between 0.001 and 1,000,000, not " + text;
      });
}

}  // namespace llavakd
