// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Measures how long a language model takes to open:  bench_open facts|stored|float32 FOLDER
// "facts" reads what `llavakd show` shows; "stored" opens the weights in the type they are stored in (bfloat16) and
// looks at every one, as opening does; "float32" converts them too. Prints one JSON line with seconds of the
// processor and this process's memory in MiB: all pages that were ever resident, of files too, and at the end those
// that are no file's.
#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <ctime>
#include <exception>
#include <fstream>
#include <iostream>
#include <string>

#include "core/checkpoint/open_checkpoint.h"
#include "core/model_spec/model_facts.h"

namespace {

/// A line of /proc/self/status, in MiB; 0 on systems without it.
double memory(const std::string& key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(key + ":")) return std::stod(line.substr(key.size() + 1)) / 1024;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc == 3 ? argv[1] : "";
  if (what != "facts" && what != "stored" && what != "float32") {
    std::cerr << "usage: bench_open facts|stored|float32 FOLDER\n";
    return 2;
  }
  try {
    at::set_num_threads(1);
    const std::clock_t begin = std::clock();
    int64_t parameters = 0;
    llavakd::Checkpoint checkpoint;
    if (what == "facts") {
      const llavakd::ModelFacts facts = llavakd::read_model_facts(argv[2]);
      parameters = facts.total_parameters;
    } else {
      checkpoint = llavakd::open_language_model(argv[2], {.precision = what == "stored" ? at::kBFloat16 : at::kFloat});
      for (const auto& [name, tensor] : checkpoint.parameters) parameters += tensor.numel();
    }
    const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    std::cout << fmt::format("{{\"parameters\": {}, \"seconds\": {:.6f}, \"peak_mib\": {:.1f}, \"own_mib\": {:.1f}}}\n",
                             parameters, seconds, memory("VmHWM"), memory("RssAnon"));
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "bench_open: " << error.what() << '\n';
    return 1;
  }
}
