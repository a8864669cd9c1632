// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "core/io/stored_tensor.h"

namespace llavakd {

/// An opened safetensors file; the tensors point into the mapping.
struct SafetensorsFile {
  std::vector<StoredTensor> tensors;            ///< In the header's order.
  std::map<std::string, std::string> metadata;  ///< `__metadata__`.
};

/// Opens a safetensors file (format: huggingface/safetensors README): u64 header length, JSON header, data. Only the
/// header is read. Refuses, with a UserError that names file and tensor: truncated files, lengths past the end, headers
/// that aren't a JSON object, unknown types, negative or overflowing shapes, byte ranges that differ from shape × type,
/// overlap, holes, bytes left over, duplicate names.
SafetensorsFile open_safetensors(const std::filesystem::path& path);

/// One tensor for write_safetensors. `bytes` is called once, when its turn comes, so that conversions need the memory
/// of one tensor at a time; the span must hold elements × size bytes, row-major, and live until the next call.
struct TensorToWrite {
  std::string name;
  DType dtype = DType::F32;
  std::vector<int64_t> shape;
  std::function<std::span<const std::byte>()> bytes;
};

/// Writes a safetensors file atomically: tensors by element size (largest first, which keeps all aligned), then by
/// name; the header padded to 8 bytes. The same input gives the same bytes. Throws RunError (disk full, …).
void write_safetensors(const std::filesystem::path& path, std::vector<TensorToWrite> tensors,
                       const std::map<std::string, std::string>& metadata = {{"format", "pt"}});

}  // namespace llavakd
