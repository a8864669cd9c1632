// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <filesystem>

#include "core/models/tensor_map.h"

namespace llavakd {

/// Writes a state dict as `torch.save` does (pytorch_model.bin: a stored zip with data.pkl, pickle protocol 2, and one
/// entry a storage), atomically, so that `torch.load(path, weights_only=True)` and our own reader open it. Weights are
/// rounded to `precision`, one at a time. Throws RunError (disk full, …).
void write_torch_file(const std::filesystem::path& path, const TensorMap& tensors, at::ScalarType precision);

}  // namespace llavakd
