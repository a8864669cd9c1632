// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <string>
#include <vector>

#include "core/model_spec/model_config.h"
#include "core/model_spec/model_tensors.h"

namespace llavakd {

/// What keeps the tensors from being a model of this configuration: one sentence for each part of the model and each
/// kind of fault (missing, unexpected, of another shape, no weights), "language_model: missing: lm_head.weight and 3
/// more". Names of a part are written without the part's prefix.
std::vector<std::string> tensor_faults(const ModelConfig& config, const ModelTensors& tensors);

}  // namespace llavakd
