// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <filesystem>
#include <map>
#include <string>

#include "core/io/stored_tensor.h"
#include "core/models/tensor_map.h"

namespace llavakd {

at::ScalarType scalar_type(DType dtype);

/// Throws RunError for types that no tensor file can hold (complex, quantised).
DType dtype_of(at::ScalarType type);

/// The stored tensor without a copy, on the mapping, which lives as long as the result. It must not be written to: the
/// pages are read-only, an in-place operation would be a segmentation fault. Misaligned data is copied; quantised
/// blocks become float32 of their own memory.
at::Tensor as_tensor(const StoredTensor& stored);

/// Writes tensors of any device and layout as a safetensors file, atomically; one tensor at a time is brought to the
/// CPU.
void write_tensors(const std::filesystem::path& path, const TensorMap& tensors,
                   const std::map<std::string, std::string>& metadata = {{"format", "pt"}});

/// Reads a safetensors file into memory of its own, so that the tensors may be written to and the file replaced.
TensorMap read_tensors(const std::filesystem::path& path);

}  // namespace llavakd
