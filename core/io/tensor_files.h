// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/io/stored_tensor.h"

namespace llavakd {

/// All tensors of a folder, whatever the files are called.
struct TensorFiles {
  std::vector<StoredTensor> tensors;         ///< Sorted by name; no name twice.
  std::vector<std::filesystem::path> files;  ///< The weight files read.
  uint64_t bytes = 0;                        ///< Size of those files.
  std::string format;                        ///< "safetensors" or "pytorch_bin".
};

/// True when the folder holds weights under one of the names that open_tensor_files knows.
bool has_tensor_files(const std::filesystem::path& folder);

/// Opens, in this order, `model.safetensors`, `model.safetensors.index.json` with its shards, `pytorch_model.bin` or
/// `pytorch_model.bin.index.json` with its shards; or the file itself when `path` is one. Reads headers only. Throws
/// UserError: nothing there, a shard missing, a shard's name that leaves the folder, a tensor that isn't where the
/// index says.
TensorFiles open_tensor_files(const std::filesystem::path& path);

}  // namespace llavakd
