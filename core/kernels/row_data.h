// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include "core/kernels/bfloat.h"

namespace llavakd {

// From tensors to the CPU kernels over their rows.

/// Calls work(float()) or work(Bfloat()), by the type of x.
template <typename Work>
void with_row_type(const at::Tensor& x, const Work& work) {
  static_assert(sizeof(Bfloat) == sizeof(at::BFloat16));
  if (x.scalar_type() == at::kBFloat16) {
    work(Bfloat());
  } else {
    TORCH_CHECK(x.scalar_type() == at::kFloat, "no loop takes ", x.scalar_type());
    work(float());
  }
}

template <typename Type>
const Type* row_data(const at::Tensor& x) {
  return static_cast<const Type*>(x.const_data_ptr());
}

template <typename Type>
Type* mutable_row_data(const at::Tensor& x) {
  return static_cast<Type*>(x.mutable_data_ptr());
}

}  // namespace llavakd
