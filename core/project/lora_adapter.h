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

namespace llavakd {

/// A low-rank change of one weight: W + scale · up · down (LoRA, arXiv 2106.09685).
struct LowRankUpdate {
  std::string target;  ///< The weight, named as in the whole model.
  StoredTensor down;   ///< lora_A [rank, in].
  StoredTensor up;     ///< lora_B [out, rank].
  double scale = 1;    ///< lora_alpha / rank; / sqrt(rank) with use_rslora.
};

/// What an adapter folder of the PEFT library holds (adapter_config.json, adapter_model.safetensors or .bin).
struct LoraAdapter {
  std::vector<LowRankUpdate> updates;
  std::map<std::string, StoredTensor> replaced;  ///< Weights saved whole: modules_to_save, non_lora_trainables.bin.
  std::vector<std::filesystem::path> files;
  uint64_t bytes = 0;
};

bool has_lora_adapter(const std::filesystem::path& folder);

/// Opens an adapter's headers; `origin` says how its names read (see name_in_model). Throws UserError for kinds other
/// than plain LoRA (DoRA, patterns of ranks, trained biases, transposed weights), a half without its other half, and
/// ranks or shapes that contradict each other.
LoraAdapter open_lora_adapter(const std::filesystem::path& folder, std::string_view origin);

/// The folder of the model that the adapter changes (base_model_name_or_path, looked for by find_beside). Throws
/// UserError that names it when it isn't there.
std::filesystem::path lora_base_folder(const std::filesystem::path& folder);

}  // namespace llavakd
