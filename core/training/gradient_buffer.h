// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <cstddef>
#include <memory>
#include <vector>

#include "core/distributed/communicator.h"
#include "core/distributed/shard_range.h"
#include "core/models/embedding_lookup.h"
#include "core/models/tensor_map.h"

namespace llavakd {

/// The gradient of an optimizer step, summed over its micro-batches:
///
///   loss.backward();                                          // of a model that was given row_gradients()
///   gram->flush_gradient(gradients.of_micro_batch(head));     // what autograd doesn't compute, if there is any
///   gradients.finish_micro_batch();
///   … the same for each micro-batch, then norm() and the update
///   gradients.clear();
///
/// Until a micro-batch is finished its gradient is what autograd keeps in the parameters' grad(); nothing but autograd
/// and this class writes there. Gradients of float32 stay there and autograd adds each micro-batch to them. Those of 16
/// bits are summed in float32; where a step has but one micro-batch, its gradient is used as it is.
class GradientBuffer {
 public:
  /// `parameters` require gradients and are contiguous leaves.
  explicit GradientBuffer(const TensorMap& parameters);

  /// Where the model's backward leaves the gradients of embeddings (embedding_lookup()).
  const std::shared_ptr<RowGradients>& row_gradients() const { return rows_; }

  /// The present micro-batch's gradient of one of the parameters after its backward, embeddings' rows included, to add
  /// to; undefined where it has none yet.
  at::Tensor& of_micro_batch(const at::Tensor& parameter);

  /// To be called after each micro-batch's backward: adds its gradient to the step's.
  void finish_micro_batch();

  /// Adds up the step's gradient over the ranks, in float32. Every micro-batch must be finished. A run of one process
  /// keeps its gradients as they are.
  void sum_over_ranks(Communicator& communicator);

  /// Sum of the squares of the step's gradient of some of the parameters. Every micro-batch must be finished.
  double squared_norm(const ShardRange& shard) const;

  /// Norm of the step's gradient of all parameters together, as it is here.
  double norm() const;

  /// Forgets all gradients, also those of a micro-batch that isn't finished.
  void clear();

  /// The step's gradient of the parameter at `index` in the map's order, float32 or the parameter's type. Undefined
  /// where no micro-batch reached it.
  at::Tensor& sum(size_t index) { return entries_[index].sum; }
  size_t size() const { return entries_.size(); }

 private:
  void add_rows();

  struct Entry {
    at::Tensor parameter;  ///< The model's leaf.
    at::Tensor sum;        ///< Undefined before the first finish_micro_batch().
  };
  std::vector<Entry> entries_;
  std::shared_ptr<RowGradients> rows_ = std::make_shared<RowGradients>();
};

}  // namespace llavakd
