// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace llavakd {

/// Makes `folder/<name>.kdproj` from a ready project, with the models and data that it needs next to it. What is there
/// already and right is kept; an existing project file is never overwritten (UserError). Returns the project file.
/// `progress(what, done, total)` is called while data is made.
std::filesystem::path new_project(const std::string& name, const std::filesystem::path& folder,
                                  const std::function<void(std::string_view, int, int)>& progress);

}  // namespace llavakd
