// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <string>
#include <vector>

#include "core/io/stored_tensor.h"

namespace llavakd {

/// Sharded training keeps the numbers elsewhere and leaves tensors of no elements (DeepSpeed ZeRO-3), or one flat one
/// (FSDP), in their place. Throws a UserError that says so and the way out.
void refuse_shards(const std::string& place, const std::vector<StoredTensor>& tensors);

}  // namespace llavakd
