// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <string>

namespace llavakd {

/// Warm-up steps of a stage: ceil(ratio · total), as Hugging Face's TrainingArguments.get_warmup_steps.
int64_t warmup_steps(double warmup_ratio, int64_t total_steps);

/// Factor on the peak learning rate at update `step` (0 is the first) of `total_steps`. It rises linearly from 0 over
/// the warm-up, then follows the shape: "cosine" (half a period to 0), "linear" (to 0) or "constant"; as transformers'
/// get_{cosine,linear,constant}_schedule_with_warmup. Throws UserError for another shape.
double learning_rate_factor(const std::string& shape, int64_t step, int64_t warmup, int64_t total_steps);

}  // namespace llavakd
