// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <string>
#include <vector>

#include "core/io/gguf.h"

namespace llavakd {

/// Throws UserError that names a metadata entry whose value can't be computed (core/model_spec/config_keys_gguf.cpp).
void refuse_gguf_keys(const GgufFile& file);

/// A sentence for each metadata entry that is passed over although it may mean something.
std::vector<std::string> gguf_passed_over(const GgufFile& file);

}  // namespace llavakd
