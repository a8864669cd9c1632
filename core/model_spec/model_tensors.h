// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/io/stored_tensor.h"
#include "core/model_spec/lora_adapter.h"
#include "core/model_spec/model_config.h"

namespace llavakd {

/// The stored tensors of a checkpoint under the names of the TinyLLaVA Hugging Face layout, whatever layout the folder
/// has.
struct ModelTensors {
  std::string layout;  ///< As detect_layout() says.
  std::map<std::string, StoredTensor> tensors;
  std::vector<std::string> zeros;      ///< Parameters that the layout never stores, since its models don't have them.
  std::optional<LoraAdapter> adapter;  ///< Opened, not applied: adapt_config does that.
  bool waits_for_adapter = false;      ///< Names say that the weights were saved inside an adapter's wrapper.
  std::vector<WeightChange> changes;   ///< What the adapter adds to weights while they are read, in this order.
  std::vector<std::string> warnings;   ///< What is passed over or filled in, one sentence each.
  std::vector<std::filesystem::path> files;
  uint64_t bytes = 0;  ///< Size of the weight files.
  std::string format;  ///< "safetensors", "pytorch_bin" or "gguf".
};

/// The layout of a folder from its files: "tinyllava_hf", "split", "llava_hf" (transformers'
/// LlavaForConditionalGeneration, older and newer names), "llava" (the original LLaVA: flat config.json with
/// mm_vision_tower, connector and tower possibly in separate files), "language_model" (also a GGUF file) or
/// "vision_tower". Throws UserError that says what the folder is instead, if that can be told.
std::string detect_layout(const std::filesystem::path& folder);

/// Opens the headers of all weight files and maps the names. A LoRA adapter (adapter_config.json) in the folder is
/// opened with them; where the folder has no other weights, those of the adapter's base model are taken. No weight is
/// read. Throws UserError, also for quantised weights and for the empty tensors that sharded training leaves.
ModelTensors open_model_tensors(const std::filesystem::path& folder);

/// Fits configuration and tensors to each other: `vision.has_head` if the pooling head is there, the head by
/// resolve_head(), then the adapter. `part` is "vision_tower" if only that is taken, whose folder's language model
/// doesn't count. Throws UserError for an adapter that doesn't fit the model.
void adapt_config(ModelConfig& config, ModelTensors& tensors, std::string_view part = {});

/// Leaves of a whole model what is that part's ("language_model", "vision_tower"), which `layout` then names. Names of
/// no part stay: they are faults of every part. Adapt the configuration before, since layouts differ in what they leave
/// out.
void keep_part(ModelTensors& tensors, std::string_view part);

}  // namespace llavakd
