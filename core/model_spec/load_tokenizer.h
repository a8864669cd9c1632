// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>

#include "core/text/tokenizer.h"

namespace llavakd {

/// The GGUF file that a model's tokenizer comes from (the model itself, or tokenizer.gguf in its folder); empty: files.
std::filesystem::path gguf_of_tokenizer(const std::filesystem::path& model);

/// The tokenizer of a model: the files of its folder, or the metadata of its GGUF file (also as tokenizer.gguf). Throws
/// UserError.
Tokenizer load_tokenizer(const std::filesystem::path& model);

}  // namespace llavakd
