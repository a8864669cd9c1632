// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/io/stored_tensor.h"
#include "core/project/model_config.h"

namespace llavakd {

/// The stored tensors of a checkpoint under the names of the TinyLLaVA Hugging Face layout, whatever layout the folder
/// has.
struct ModelTensors {
  std::string layout;  ///< "tinyllava_hf", "split", "language_model", "vision_tower".
  std::map<std::string, StoredTensor> tensors;
  std::vector<std::string> dropped;  ///< Leftover buffers that every model recomputes (inv_freq, position_ids, …).
  std::vector<std::filesystem::path> files;
  uint64_t bytes = 0;  ///< Of the weight files.
};

/// The layout of a folder from what lies in it: "tinyllava_hf", "split", "language_model" or "vision_tower". Throws
/// UserError that lists what was looked for.
std::string detect_layout(const std::filesystem::path& folder);

/// Opens the headers of all weight files and maps the names. No weight is read. Throws UserError.
ModelTensors open_model_tensors(const std::filesystem::path& folder);

/// Fits the configuration to what the files hold: `vision.has_head` if the pooling head is there; in the split layout,
/// which is saved without tied weights, an absent lm_head means tied. A head stored beside tied embeddings is dropped.
void adapt_config(ModelConfig& config, ModelTensors& tensors);

/// Every fault of the tensors for this configuration, one sentence each: missing, unexpected, wrong shape, not a float.
std::vector<std::string> tensor_faults(const ModelConfig& config, const ModelTensors& tensors);

}  // namespace llavakd
