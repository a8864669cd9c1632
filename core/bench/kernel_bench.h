// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <functional>
#include <string>
#include <vector>

namespace llavakd {

struct KernelBenchOptions {
  std::string device = "cpu";  ///< One of catalog::devices().
  bool real = false;           ///< The published models' sizes instead of moderate ones.
};

/// One kernel against the plain LibTorch operations that give the same numbers, forward and backward where it learns.
struct KernelTiming {
  std::string kernel, precision, sizes;
  double seconds = 0, plain_seconds = 0;  ///< The quickest call of each.
  double operations = 0;                  ///< Floating-point operations of matrix products, for a rate; else 0.

  double ratio() const { return seconds > 0 ? plain_seconds / seconds : 0; }  ///< How many times quicker.
};

/// Times every kernel that the step has in this process. `on_timing` is told each as it ends.
std::vector<KernelTiming> bench_kernels(const KernelBenchOptions& options,
                                        const std::function<void(const KernelTiming&)>& on_timing = {});

}  // namespace llavakd
