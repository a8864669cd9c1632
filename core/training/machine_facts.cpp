// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/machine_facts.h"

#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <fmt/format.h>
#include <torch/headeronly/version.h>

#include <cstdlib>
#include <string>

#include "core/base/errors.h"
#include "core/base/machine.h"
#include "core/base/printable.h"
#include "core/checkpoint/loaded_model.h"

namespace llavakd {
namespace {

/// Variables of the environment by which the libraries choose their code.
std::string library_settings() {
  std::string settings;
  for (const char* name : {"MKL_CBWR", "MKL_ENABLE_INSTRUCTIONS", "MKL_DYNAMIC", "ONEDNN_MAX_CPU_ISA",
                           "DNNL_MAX_CPU_ISA", "ONEDNN_DEFAULT_FPMATH_MODE", "CUBLAS_WORKSPACE_CONFIG"})
    if (const char* value = std::getenv(name))
      settings += fmt::format("{}{}={}", settings.empty() ? "" : " ", name, printable(value, 60));
  return settings;
}

/// One that isn't there is refused when the models are opened.
std::string device_name(const std::string& asked) try { return device_of(asked).str(); } catch (const UserError&) {
  return asked;
}

}  // namespace

nlohmann::ordered_json machine_facts(const Project& project) {
  return {{"libtorch", TORCH_VERSION},
          {"instruction_set", at::get_cpu_capability()},
          {"processor", processor_name()},
          {"threads", at::get_num_threads()},
          {"device", device_name(project.run.device)},
          {"library_settings", library_settings()}};
}

}  // namespace llavakd
