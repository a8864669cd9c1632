// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include "core/model_spec/lora_adapter.h"

namespace llavakd {

/// The weight with an adapter's change in it, in float32 of its own memory, as PEFT's merge_and_unload computes it
/// (peft/tuners/lora/layer.py, variants.py, dora.py; trainable_tokens/layer.py). Shapes must fit (check_change).
at::Tensor changed_weight(const WeightChange& change, const at::Tensor& weight);

}  // namespace llavakd
