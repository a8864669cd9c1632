// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>
#include <vector>

#include "core/data/loader.h"
#include "core/model_spec/model_config.h"

namespace llavakd {

/// Samples given as tensors, so that no tokenizer and no picture file is needed. A safetensors file with three tensors
/// for each sample i = 0, 1, …: `i.pixel_values` (float, [3, side, side] a picture, stacked when there are several),
/// `i.input_ids` and `i.labels` (int64 or int32, [tokens]); -200 in the ids is an image, -100 in the labels
/// for no label. A picture is known by where its pixels are in the file. The ids are expanded to the student's visual
/// tokens; images without an id are left out. Throws UserError that names file and key: a missing or unknown
/// key, a wrong type or shape, an id or label that the student hasn't, pixels that aren't numbers, a sample without a
/// label.
std::vector<PreparedSample> read_given_samples(const std::filesystem::path& path, const ModelConfig& student);

}  // namespace llavakd
