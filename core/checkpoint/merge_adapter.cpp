// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/checkpoint/merge_adapter.h"

#include <tuple>

#include "core/checkpoint/tensor_io.h"

namespace llavakd {

namespace {

using Kind = WeightChange::Kind;

at::Tensor read(const StoredTensor& stored) {
  return as_tensor(stored).to(at::kFloat);
}

/// scale · up · down in the weight's shape.
at::Tensor low_rank_product(const WeightChange& change, at::IntArrayRef shape) {
  const at::Tensor down = read(change.down), up = read(change.up);
  const at::Tensor product = at::mm(up.reshape({up.size(0), up.size(1)}), down.reshape({down.size(0), -1}));
  return (change.kind == Kind::embedding ? product.t() : product).reshape(shape) * change.scale;
}

/// The weight without what the adapter's beginning took out of it (peft: pissa_init, olora_init). Both parts are the
/// same whatever signs a decomposition chooses.
at::Tensor without_beginning(const WeightChange& change, const at::Tensor& weight) {
  if (change.base_change == BaseChange::none) return weight;
  const int64_t rank = change.down.shape[0];
  const at::Tensor matrix = weight.reshape({change.up.shape[0], change.down.shape[1]});
  if (change.base_change == BaseChange::singular_values) {
    const auto [left, values, right] = at::linalg_svd(matrix, false);
    const at::Tensor scaled = left.slice(1, 0, rank) * values.slice(0, 0, rank);
    return weight - at::mm(scaled, right.slice(0, 0, rank)).reshape(weight.sizes());
  }
  const auto [columns, rest] = at::linalg_qr(matrix);
  return weight - change.scale * at::mm(columns.slice(1, 0, rank), rest.slice(0, 0, rank)).reshape(weight.sizes());
}

/// DoRA: each row of the matrix (each filter of a convolution, each column of an embedding) gets the stored length.
at::Tensor with_lengths(const WeightChange& change, const at::Tensor& weight) {
  const bool columns = change.kind == Kind::embedding;
  const at::Tensor rows = columns ? weight.t() : weight.flatten(1);
  const at::Tensor lengths = read(*change.magnitude).reshape({-1, 1});
  const at::Tensor scaled = rows * (lengths / at::linalg_vector_norm(rows, 2, 1, true));
  return (columns ? scaled.t() : scaled).reshape(weight.sizes());
}

}  // namespace

at::Tensor changed_weight(const WeightChange& change, const at::Tensor& stored) {
  const at::Tensor weight = stored.to(at::kFloat);
  if (change.kind == Kind::bias) return weight + read(change.up) * change.scale;
  if (change.kind == Kind::rows) {
    const at::Tensor ids = at::tensor(change.row_ids, at::kLong);
    return weight.index_copy(0, ids, read(change.up));
  }
  const at::Tensor sum = without_beginning(change, weight) + low_rank_product(change, weight.sizes());
  return change.magnitude ? with_lengths(change, sum) : sum;
}

}  // namespace llavakd
