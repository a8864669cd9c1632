// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/gradient_buffer.h"

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "core/kernels/adamw_update.h"
#include "core/training/adamw_state.h"

namespace llavakd {
namespace {

// Fixed blocks make sums independent of the number of threads.
constexpr int64_t norm_block = 1 << 15;

template <class Value>
double sum_in_blocks(const Value* values, int64_t count) {
  std::vector<double> sums(static_cast<size_t>((count + norm_block - 1) / norm_block));
  at::parallel_for(0, static_cast<int64_t>(sums.size()), 4, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      sums[static_cast<size_t>(i)] =
          sum_of_squares(values + i * norm_block, std::min(norm_block, count - i * norm_block));
  });
  double total = 0;
  for (const double sum : sums) total += sum;
  return total;
}

double sum_of_squares_of(const at::Tensor& gradient) {
  if (gradient.is_meta()) return 0;  // has no numbers
  if (!gradient.is_cpu()) return gradient.to(at::kFloat).square().sum(at::kDouble).item<double>();
  if (gradient.scalar_type() == at::kBFloat16) return sum_in_blocks(bfloat16_bits(gradient), gradient.numel());
  return sum_in_blocks(gradient.const_data_ptr<float>(), gradient.numel());
}

}  // namespace

GradientBuffer::GradientBuffer(const TensorMap& parameters) {
  for (const auto& [name, parameter] : parameters) {
    TORCH_CHECK(parameter.is_leaf() && parameter.requires_grad(), "not a leaf that learns: ", name);
    TORCH_CHECK(parameter.is_contiguous(), "parameter is not contiguous: ", name);
    entries_.push_back({.parameter = parameter, .sum = {}});
  }
}

at::Tensor& GradientBuffer::of_micro_batch(const at::Tensor& parameter) {
  const auto entry = std::ranges::find_if(entries_, [&](const Entry& each) {
    return each.parameter.unsafeGetTensorImpl() == parameter.unsafeGetTensorImpl();
  });
  TORCH_CHECK(entry != entries_.end(), "not one of the parameters whose gradients are kept here");
  add_rows();
  return entry->parameter.mutable_grad();
}

void GradientBuffer::add_rows() {
  for (const RowGradient& row : *rows_) row.add_to(row.table.mutable_grad());
  rows_->clear();
}

void GradientBuffer::finish_micro_batch() {
  const at::NoGradGuard no_grad;
  add_rows();
  for (Entry& entry : entries_) {
    at::Tensor& gradient = entry.parameter.mutable_grad();
    if (!gradient.defined()) continue;
    if (!gradient.is_contiguous()) gradient = gradient.contiguous();
    if (gradient.scalar_type() == at::kFloat) {
      // Autograd goes on adding to this very tensor.
      entry.sum = gradient;
      continue;
    }
    if (!entry.sum.defined())
      entry.sum = gradient;
    else if (entry.sum.scalar_type() != at::kFloat)
      entry.sum = entry.sum.to(at::kFloat).add_(gradient);
    else
      entry.sum.add_(gradient);
    gradient.reset();
  }
}

void GradientBuffer::sum_over_ranks(Communicator& communicator) {
  if (communicator.world_size() == 1) return;
  const at::NoGradGuard no_grad;
  TORCH_CHECK(rows_->empty(), "a micro-batch isn't finished");
  // A rank whose samples have no image has no gradient of the connector, but takes part in its sum.
  std::vector<double> reached;
  for (const Entry& entry : entries_) reached.push_back(entry.sum.defined() ? 1 : 0);
  communicator.sum(reached);
  for (size_t i = 0; i < entries_.size(); ++i) {
    if (reached[i] == 0) continue;
    auto& [parameter, sum] = entries_[i];
    sum = sum.defined() ? sum.to(at::kFloat) : at::zeros_like(parameter.detach(), at::kFloat);
    communicator.sum(sum);
  }
}

double GradientBuffer::squared_norm(const ShardRange& shard) const {
  const at::NoGradGuard no_grad;
  TORCH_CHECK(rows_->empty(), "a micro-batch isn't finished");
  double total = 0;
  for (size_t i = shard.begin; i < shard.end; ++i)
    if (entries_[i].sum.defined()) total += sum_of_squares_of(entries_[i].sum);
  return total;
}

double GradientBuffer::norm() const {
  return std::sqrt(squared_norm({.begin = 0, .end = entries_.size()}));
}

void GradientBuffer::clear() {
  rows_->clear();
  for (Entry& entry : entries_) {
    entry.parameter.mutable_grad().reset();
    entry.sum.reset();
  }
}

}  // namespace llavakd
