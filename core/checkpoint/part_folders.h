// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <filesystem>

#include "core/checkpoint/open_checkpoint.h"

namespace llavakd {

/// Writes {language_model, vision_tower, connector}/pytorch_model.bin into the existing `folder`, with the names that
/// TinyLLaVA's trainer gives them, a tied head left out, and with config.json, tokenizer and image processor. Weights
/// are rounded to `precision`.
void write_split(const std::filesystem::path& folder, const Checkpoint& source, at::ScalarType precision);

/// Writes three independent folders, under the names that Hugging Face's classes publish: language_model/ (with
/// its tokenizer) and vision_tower/ (with its image processor) for `from_pretrained`, connector/ for a
/// torch.nn.Sequential. Since config.json and tokenizer are also next to them, the whole opens as the layout "split".
/// Throws UserError for a model with two towers, which no class of one tower opens.
void write_parts(const std::filesystem::path& folder, const Checkpoint& source, at::ScalarType precision);

}  // namespace llavakd
