// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <cstdint>
#include <filesystem>
#include <string>

#include "core/checkpoint/open_checkpoint.h"

namespace llavakd {

/// What an export wrote, and the proof that it reads back.
struct ExportReport {
  std::string from_layout;  ///< Layout of the source.
  std::string precision;    ///< "float32", "bfloat16" or "float16".
  int64_t tensors = 0;
  int64_t parameters = 0;
  uint64_t bytes = 0;           ///< Size of the weight files written.
  int64_t rounded_tensors = 0;  ///< Tensors that the precision changed; 0: the copy is exact.
  double largest_rounding = 0;  ///< Largest difference of an element.
  double logit_difference = 0;  ///< Largest difference of a logit, source against copy, computed in float32.
  double largest_logit = 0;     ///< Largest magnitude among the source's, to judge the difference by.
};

/// Writes a model into `folder`, which must not exist or be empty, in the layout "hf" (TinyLLaVA's Hugging Face layout,
/// one safetensors file), "split" ({language_model, vision_tower, connector}/pytorch_model.bin, tied head left out) or
/// "parts" (the same folders as Hugging Face's classes open them one by one; see part_folders.h).
/// Before the folder appears it is opened again: configuration and every tensor must equal the source after rounding,
/// and the logits of an image and a text drawn from `seed` are compared. Throws UserError: folder not empty, unknown
/// layout, a value that the precision can't hold; RunError: the copy doesn't read back (a fault of ours or of the
/// disk).
ExportReport export_checkpoint(const Checkpoint& source, const std::string& layout, const std::filesystem::path& folder,
                               at::ScalarType precision, uint64_t seed = 0);

/// Largest difference of a logit between two models of the same configuration on an image of normal noise and random
/// tokens, and the largest magnitude of the first's.
struct LogitDifference {
  double difference = 0, largest = 0;
};
LogitDifference compare_logits(const Checkpoint& first, const Checkpoint& second, uint64_t seed);

}  // namespace llavakd
