// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <string_view>

namespace llavakd {

// resources/report/ compiled in; CMake writes the source (CMakeLists.txt).
extern const std::string_view page_style, page_script;

}  // namespace llavakd
