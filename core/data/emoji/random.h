// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace llavakd::emoji {

/// SplitMix64 (Steele, Lea, Flood 2014) with draws of our own: the standard library's distributions differ between
/// implementations, and the same seed has to give the same data everywhere.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  /// The stream of one scene: independent of how many scenes are made before it.
  Random(uint64_t seed, std::string_view set, uint64_t number) : state_(seed) {
    for (const char c : set) state_ = next() ^ static_cast<unsigned char>(c);
    state_ = next() ^ number;
    state_ = next();
  }

  uint64_t next() {
    state_ += 0x9E3779B97F4A7C15u;
    uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }

  /// Uniform in 0..n-1, without bias; n > 0.
  int below(int n) {
    const auto bound = static_cast<uint64_t>(n);
    const uint64_t rest = (0 - bound) % bound;  // 2^64 mod n: that many draws at the low end are thrown away
    uint64_t draw = next();
    while (draw < rest) draw = next();
    return static_cast<int>(draw % bound);
  }

  /// Uniform in first..last, both included.
  int between(int first, int last) { return first + below(last - first + 1); }

  /// True in `percent` of 100 draws.
  bool chance(int percent) { return below(100) < percent; }

  template <class T>
  const T& choose(const std::vector<T>& from) {
    return from[static_cast<size_t>(below(static_cast<int>(from.size())))];
  }

  /// `count` different numbers of 0..n-1 in random order.
  std::vector<int> sample(int n, int count) {
    std::vector<int> all(static_cast<size_t>(n));
    for (int i = 0; i < n; ++i) all[static_cast<size_t>(i)] = i;
    for (int i = 0; i < count; ++i) std::swap(all[static_cast<size_t>(i)], all[static_cast<size_t>(between(i, n - 1))]);
    all.resize(static_cast<size_t>(count));
    return all;
  }

 private:
  uint64_t state_;
};

}  // namespace llavakd::emoji
