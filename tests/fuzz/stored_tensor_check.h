// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <vector>

#include "core/io/stored_tensor.h"

namespace llavakd::fuzz {

/// A finding unless each tensor keeps what StoredTensor promises: as many strides as sizes, none negative, and every
/// element inside the file. Sanitizers don't see this: a mapping's last page has bytes behind the file's end.
void check_inside(const std::vector<StoredTensor>& tensors);

}  // namespace llavakd::fuzz
