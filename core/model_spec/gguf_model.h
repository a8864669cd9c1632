// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/io/gguf.h"
#include "core/io/stored_tensor.h"

namespace llavakd {

/// The tokenizer of a model that came as GGUF and was saved in another layout: a GGUF file of metadata alone.
inline constexpr const char* kGgufTokenizer = "tokenizer.gguf";

/// The GGUF file that a path means: the path itself when it is a file, or the only *.gguf of a folder without
/// config.json; empty for any other folder. Throws UserError when the folder holds several.
std::filesystem::path gguf_file(const std::filesystem::path& path);

/// What a GGUF file calls a tensor of that name in Hugging Face's class; the name itself where it has none.
std::string gguf_name(const std::string& published);

/// The tensors under Hugging Face's names ("model.layers.0.self_attn.q_proj.weight"); names that the family doesn't
/// have stay as they are and become faults. `config` as gguf_config gives it.
std::vector<StoredTensor> gguf_tensors(const GgufFile& file, const nlohmann::ordered_json& config);

}  // namespace llavakd
