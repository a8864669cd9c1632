// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/kernels/whole_tensor.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>

#include "core/kernels/finite_rows.h"

namespace llavakd {

namespace {

/// Whether `holds(begin, count)` says so of all parts of `count` things.
template <typename Holds>
bool holds_everywhere(int64_t count, int64_t grain, const Holds& holds) {
  std::atomic<bool> all = true;
  at::parallel_for(0, count, grain, [&](int64_t begin, int64_t end) {
    for (int64_t from = begin; from < end && all; from += grain)
      if (!holds(from, std::min(grain, end - from))) all = false;
  });
  return all;
}

template <typename Bits>
bool finite_bits(const at::Tensor& x, Bits exponent) {
  const auto* numbers = static_cast<const Bits*>(x.const_data_ptr());
  return holds_everywhere(x.numel(), 1 << 16,
                          [&](int64_t begin, int64_t count) { return all_finite(numbers + begin, count, exponent); });
}

bool same_bits(const at::Tensor& a, const at::Tensor& b) {
  const auto *left = static_cast<const char*>(a.const_data_ptr()),
             *right = static_cast<const char*>(b.const_data_ptr());
  return holds_everywhere(static_cast<int64_t>(a.nbytes()), 1 << 17, [&](int64_t begin, int64_t count) {
    return std::memcmp(left + begin, right + begin, static_cast<size_t>(count)) == 0;
  });
}

}  // namespace

bool all_finite(const at::Tensor& x) {
  if (x.numel() == 0) return true;
  if (x.is_cpu() && x.is_contiguous()) {
    if (x.scalar_type() == at::kBFloat16) return finite_bits<uint16_t>(x, 0x7F80);
    if (x.scalar_type() == at::kHalf) return finite_bits<uint16_t>(x, 0x7C00);
    if (x.scalar_type() == at::kFloat) return finite_bits<uint32_t>(x, 0x7F800000);
  }
  const bool narrow = x.scalar_type() == at::kFloat8_e4m3fn || x.scalar_type() == at::kFloat8_e5m2;
  // The extremes are finite exactly if every element is (NaN propagates).
  const auto [least, most] = at::aminmax(narrow ? x.to(at::kFloat) : x);
  return std::isfinite(least.item<double>()) && std::isfinite(most.item<double>());
}

bool same_numbers(const at::Tensor& a, const at::Tensor& b) {
  if (a.scalar_type() != b.scalar_type() || a.sizes() != b.sizes()) return false;
  const bool plain = a.is_cpu() && b.is_cpu() && a.is_contiguous() && b.is_contiguous();
  // Zeros of both signs are the same number.
  return (plain && same_bits(a, b)) || at::equal(a, b);
}

}  // namespace llavakd
