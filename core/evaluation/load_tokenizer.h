// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>

#include "core/text/tokenizer.h"

namespace llavakd {

/// The tokenizer of a model: the files of its folder, or the metadata of its GGUF file (also as tokenizer.gguf). Throws
/// UserError.
Tokenizer load_tokenizer(const std::filesystem::path& model);

}  // namespace llavakd
