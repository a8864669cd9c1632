// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>
#include <string>

namespace llavakd {

/// For a folder without config.json: where the model is that people mean by it (a folder inside it, the snapshot of a
/// hub's cache, the folder around it), or what is there instead of a model. One sentence.
std::string where_the_model_is(const std::filesystem::path& folder);

}  // namespace llavakd
