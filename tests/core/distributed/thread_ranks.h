// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Ranks in the threads of one process, for tests.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <barrier>
#include <exception>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "core/distributed/communicator.h"

namespace llavakd {

/// What the ranks hand each other, and which calls they made.
class ThreadRanks {
 public:
  explicit ThreadRanks(int64_t count)
      : count_(count),
        together_(count),
        tensors_(static_cast<size_t>(count)),
        numbers_(static_cast<size_t>(count)),
        lowest_(static_cast<size_t>(count)),
        calls_(static_cast<size_t>(count)) {}

  /// Runs `work` on every rank at once. A rank that throws would leave the others waiting, so that ends the test.
  void run(const std::function<void(Communicator&)>& work) {
    std::vector<std::jthread> threads;
    for (int64_t rank = 0; rank < count_; ++rank)
      threads.emplace_back([&, rank]() noexcept {
        Rank communicator(*this, rank);
        work(communicator);
      });
  }

  /// "sum tensor", "sum numbers", "lowest", "broadcast" in the rank's order.
  const std::vector<std::string>& calls(int64_t rank) const { return calls_[static_cast<size_t>(rank)]; }

 private:
  class Rank : public Communicator {
   public:
    using Communicator::sum;
    Rank(ThreadRanks& ranks, int64_t rank) : all_(ranks), rank_(rank) {}
    int64_t rank() const override { return rank_; }
    int64_t world_size() const override { return all_.count_; }
    void sum(at::Tensor& tensor) override {
      const at::NoGradGuard no_grad;
      exchange("sum tensor", all_.tensors_, tensor.clone(), [&](const std::vector<at::Tensor>& each) {
        tensor.zero_();
        for (const at::Tensor& one : each) tensor.add_(one);
      });
    }
    void sum(std::span<double> numbers) override {
      const std::vector<double> own(numbers.begin(), numbers.end());
      exchange("sum numbers", all_.numbers_, own, [&](const std::vector<std::vector<double>>& each) {
        std::ranges::fill(numbers, 0);
        for (const std::vector<double>& one : each)
          for (size_t i = 0; i < numbers.size(); ++i) numbers[i] += one.at(i);
      });
    }
    int64_t lowest(int64_t number) override {
      int64_t found = 0;
      exchange("lowest", all_.lowest_, number,
               [&](const std::vector<int64_t>& each) { found = *std::ranges::min_element(each); });
      return found;
    }
    std::string broadcast(const std::string& text) override {
      std::string found;
      exchange("broadcast", all_.texts_, text, [&](const std::vector<std::string>& each) { found = each.front(); });
      return found;
    }

   private:
    template <class Value, class Read>
    void exchange(const char* call, std::vector<Value>& place, const Value& own, const Read& read) {
      all_.calls_[static_cast<size_t>(rank_)].emplace_back(call);
      place[static_cast<size_t>(rank_)] = own;
      all_.together_.arrive_and_wait();
      read(place);
      all_.together_.arrive_and_wait();
    }

    ThreadRanks& all_;
    const int64_t rank_;
  };

  const int64_t count_;
  std::barrier<> together_;
  std::vector<at::Tensor> tensors_;
  std::vector<std::vector<double>> numbers_;
  std::vector<int64_t> lowest_;
  std::vector<std::string> texts_ = std::vector<std::string>(static_cast<size_t>(count_));
  std::vector<std::vector<std::string>> calls_;
};

}  // namespace llavakd
