// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <cstdint>
#include <span>
#include <string>

namespace llavakd {

/// The processes (ranks) that train one run together, each on its own samples. What a step computes over all samples,
/// and what all ranks must decide alike, goes through here.
///
/// Every rank makes the same calls in the same order; each waits for the others. A rank that fails ends, and calls of
/// the others then throw RunError.
class Communicator {
 public:
  virtual ~Communicator() = default;

  /// 0 to world_size() - 1.
  virtual int64_t rank() const = 0;
  virtual int64_t world_size() const = 0;
  /// The rank that writes files and events, and whose choices the others take.
  bool is_leader() const { return rank() == 0; }

  /// Adds up a tensor of the same shape and type over the ranks, in place.
  virtual void sum(at::Tensor& tensor) = 0;
  /// The same for numbers of the host.
  virtual void sum(std::span<double> numbers) = 0;
  /// The lowest of all ranks' numbers.
  virtual int64_t lowest(int64_t number) = 0;
  /// The leader's text.
  virtual std::string broadcast(const std::string& text) = 0;

  /// Over the ranks; exact up to 2⁵³.
  int64_t sum(int64_t count) {
    double number = static_cast<double>(count);
    sum(std::span(&number, 1));
    return static_cast<int64_t>(number);
  }
  /// Whether it is so on every rank.
  bool all(bool here) { return lowest(here ? 1 : 0) == 1; }
};

}  // namespace llavakd
