// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <string>
#include <string_view>

#include "core/model_spec/model_config.h"
#include "core/model_spec/model_tensors.h"

namespace llavakd {

inline constexpr std::string_view kHeadName = "language_model.lm_head.weight";

/// The embedding's name in the whole model.
std::string embedding_name(const LanguageConfig& config);

/// LlavaForConditionalGeneration has no bias at the head, whatever its language model has elsewhere: it is zero there,
/// and one in the file is passed over.
void resolve_head_bias(const LanguageConfig& config, ModelTensors& tensors);

/// Decides whether head and embedding are one matrix, from the configuration and the stored tensors, as transformers 5
/// does (modeling_utils.py, tie_weights): where the configuration ties them, but both are stored and differ, they are
/// two; where only one is stored, it is both. Two equal ones become one. An absent head under an untied configuration
/// stays missing, but in the layout "split", which is written from named_parameters() and so lists a shared matrix
/// once.
void resolve_head(LanguageConfig& config, ModelTensors& tensors);

}  // namespace llavakd
