// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>
#include <string>

namespace llavakd {

/// What a folder without weights that open holds instead, by the names of its files: weights of another library, shards
/// without their index, an unfinished download, …, with the way out. One or two sentences; empty: nothing of the kind.
std::string other_weights(const std::filesystem::path& folder);

}  // namespace llavakd
