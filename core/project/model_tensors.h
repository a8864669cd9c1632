// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/io/stored_tensor.h"
#include "core/project/lora_adapter.h"
#include "core/project/model_config.h"

namespace llavakd {

/// The stored tensors of a checkpoint under the names of the TinyLLaVA Hugging Face layout, whatever layout the folder
/// has.
struct ModelTensors {
  std::string layout;  ///< As detect_layout() says.
  std::map<std::string, StoredTensor> tensors;
  std::vector<LowRankUpdate> updates;  ///< Of a LoRA adapter, to be added to the weights while they are read.
  std::vector<std::string> dropped;    ///< Leftover buffers that every model recomputes (inv_freq, position_ids, …).
  std::vector<std::filesystem::path> files;
  uint64_t bytes = 0;  ///< Of the weight files.
  std::string format;  ///< "safetensors", "pytorch_bin" or "gguf".
};

/// The layout of a folder from what lies in it: "tinyllava_hf", "split", "llava_hf" (transformers'
/// LlavaForConditionalGeneration, older and newer names), "llava" (the original LLaVA: flat config.json with
/// mm_vision_tower, connector and tower possibly in files beside), "language_model" (also a GGUF file) or
/// "vision_tower". Throws UserError that lists what was looked for.
std::string detect_layout(const std::filesystem::path& folder);

/// Opens the headers of all weight files and maps the names. A LoRA adapter (adapter_config.json) in the folder is
/// opened with them; where the folder has no other weights, those of the adapter's base model are taken. No weight is
/// read. Throws UserError.
ModelTensors open_model_tensors(const std::filesystem::path& folder);

/// Fits the configuration to what the files hold: `vision.has_head` if the pooling head is there; in layouts that are
/// saved without tied weights (split, llava_hf) an absent lm_head means tied. A head stored beside tied embeddings is
/// dropped.
void adapt_config(ModelConfig& config, ModelTensors& tensors);

/// Leaves of a whole model what is that part's ("language_model", "vision_tower"), which `layout` then names. Names of
/// no part stay: they are faults of every part. Adapt the configuration before, since layouts differ in what they leave
/// out.
void keep_part(ModelTensors& tensors, std::string_view part);

/// Every fault of the tensors for this configuration, one sentence each: missing, unexpected, wrong shape, not a float.
std::vector<std::string> tensor_faults(const ModelConfig& config, const ModelTensors& tensors);

}  // namespace llavakd
