// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <cstdint>
#include <filesystem>
#include <string>

#include "core/model_spec/model_config.h"
#include "core/models/tensor_map.h"

namespace llavakd {

/// A whole LLaVA-type model as it is on disk.
struct Checkpoint {
  ModelConfig config;
  TensorMap parameters;  ///< Named as in the TinyLLaVA Hugging Face layout (see core/models/multimodal_model.h).
  std::filesystem::path folder;  ///< Where the tokenizer is.
  std::string layout;            ///< "tinyllava_hf", "split", "llava_hf", "llava", "parts" or "language_model".
};

struct OpenOptions {
  at::ScalarType precision = at::kFloat;
  at::Device device = at::kCPU;
};

/// Opens a checkpoint folder: `tinyllava_hf` (model.safetensors or pytorch_model.bin, single or sharded), `split`
/// ({language_model, vision_tower, connector}/), `llava_hf` or `llava` (see detect_layout). A LoRA adapter in it is
/// merged into the weights. Names, shapes and types of all tensors are checked from the headers
/// before a weight is read; then every weight is checked to be finite. Tensors whose type is the asked one stay on the
/// read-only mapping on the CPU: clone what will be trained. Throws UserError that names every missing, unexpected or
/// wrongly shaped tensor.
Checkpoint open_checkpoint(const std::filesystem::path& folder, const OpenOptions& options = {});

/// Puts a new student together: a language model (bare folder, GGUF file, or a whole model of any layout, whose
/// language model is taken), a vision tower (likewise; also Hugging Face's two-tower models and a mixture of towers)
/// and a fresh connector (core/models: initial_connector with `seed`), with `num_queries` queries if it has any (0: as
/// many as usual). The tokenizer is the language model's. Throws UserError that names every missing, unexpected or
/// wrongly shaped tensor of the parts taken.
Checkpoint open_parts(const std::filesystem::path& language_model, const std::filesystem::path& vision_tower,
                      const std::string& connector_type, uint64_t seed, const OpenOptions& options = {},
                      int64_t num_queries = 0);

/// Opens a bare language model (folder or GGUF file) for text alone: layout "language_model". So that it can be used as
/// a whole model, it has a tower of one patch and a connector, all of zeros; images mean nothing to it.
Checkpoint open_language_model(const std::filesystem::path& path, const OpenOptions& options = {});

}  // namespace llavakd
