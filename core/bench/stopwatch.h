// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>
#include <ATen/DeviceAccelerator.h>

#include <algorithm>
#include <chrono>
#include <limits>

namespace llavakd {

/// Waits until the device has done what it was given; at once on the CPU.
inline void synchronize(const at::Device& device) {
  if (!device.is_cpu()) at::accelerator::synchronizeDevice(device.index());
}

/// Seconds of one call, the device's work included.
template <class Work>
double seconds_of(const at::Device& device, Work&& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  synchronize(device);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Seconds of the quickest of several calls within about `budget` seconds (three calls at least), after one that
/// doesn't count.
template <class Work>
double best_seconds(const at::Device& device, double budget, Work&& work) {
  seconds_of(device, work);
  double best = std::numeric_limits<double>::max(), spent = 0;
  for (int calls = 0; calls < 3 || spent < budget; ++calls) {
    const double seconds = seconds_of(device, work);
    best = std::min(best, seconds);
    spent += seconds;
  }
  return best;
}

/// Floating-point operations a second of [rows, inner] x [outer, inner]ᵀ, two for each multiplication; `multiply` is
/// called with both matrices.
template <class Multiply>
double gemm_rate(at::ScalarType type, const at::Device& device, int64_t rows, int64_t inner, int64_t outer,
                 Multiply&& multiply) {
  const auto options = at::TensorOptions().dtype(type).device(device);
  const at::Tensor a = at::randn({rows, inner}, options), b = at::randn({outer, inner}, options);
  const double seconds = best_seconds(device, 0.5, [&] { multiply(a, b); });
  return 2.0 * static_cast<double>(rows) * static_cast<double>(inner) * static_cast<double>(outer) / seconds;
}

}  // namespace llavakd
