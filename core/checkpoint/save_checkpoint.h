// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <filesystem>

#include "core/model_spec/model_config.h"
#include "core/models/tensor_map.h"

namespace llavakd {

struct SaveOptions {
  at::ScalarType precision = at::kFloat;  ///< Type in the file: kFloat, kBFloat16 or kHalf.
  std::filesystem::path tokenizer_from;   ///< Folder whose tokenizer files are copied; empty: none.
  std::filesystem::path processor_from;   ///< Folder whose image processor is taken; empty: tokenizer_from.
};

/// Writes the TinyLLaVA Hugging Face layout into an existing folder: config.json, generation_config.json,
/// model.safetensors and the tokenizer files. Not atomic as a whole: for use inside an AtomicFolder. Throws RunError
/// when `tokenizer_from` is gone: a checkpoint without its tokenizer can't be opened.
void write_checkpoint(const std::filesystem::path& folder, const ModelConfig& config, const TensorMap& parameters,
                      const SaveOptions& options);

/// The same as a folder that appears whole or not at all.
void save_checkpoint(const std::filesystem::path& folder, const ModelConfig& config, const TensorMap& parameters,
                     const SaveOptions& options);

/// Writes parameters as one safetensors file, rounded to `precision` one at a time.
void write_weights(const std::filesystem::path& path, const TensorMap& parameters, at::ScalarType precision);

/// Copies the files that `from` holds of a tokenizer (tokenizer.json, vocab.json, merges.txt, …), and the generation
/// settings, to `to`; of a GGUF file its metadata, as tokenizer.gguf.
void copy_tokenizer_files(const std::filesystem::path& from, const std::filesystem::path& to);

/// Writes what `from` says of its image processor (image_processor_folder) as preprocessor_config.json.
void copy_processor(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace llavakd
