// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/kernels/transpose.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include "core/kernels/transpose_rows.h"

namespace llavakd {

at::Tensor transposed(const at::Tensor& x) {
  const bool loops = x.is_cpu() && x.scalar_type() == at::kBFloat16 && x.stride(1) == 1;
  if (!loops) return x.t().contiguous();
  const int64_t rows = x.size(0), columns = x.size(1), stride = x.stride(0);
  const at::Tensor out = at::empty({columns, rows}, x.options().requires_grad(false));
  const auto* from = static_cast<const uint16_t*>(x.const_data_ptr());
  auto* to = static_cast<uint16_t*>(out.mutable_data_ptr());
  constexpr int64_t strip = 64;
  at::parallel_for(0, (columns + strip - 1) / strip, 1, [&](int64_t begin, int64_t end) {
    const int64_t first = begin * strip, count = std::min(columns, end * strip) - first;
    transpose_rows(from + first, stride, to + first * rows, rows, rows, count);
  });
  return out;
}

}  // namespace llavakd
