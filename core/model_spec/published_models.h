// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>
#include <string_view>

namespace llavakd {

/// Under which name Hugging Face has the model that a folder of this name should hold
/// ("google/siglip-so400m-patch14-384"): those that the project templates start from. Empty for other folders.
std::string_view published_name(const std::filesystem::path& folder);

}  // namespace llavakd
