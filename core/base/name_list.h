// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstddef>
#include <string>
#include <vector>

namespace llavakd {

/// "a, b, c, d, e and 7 more": how messages list names of tensors, keys and files. Nobody reads past the first five.
std::string name_list(const std::vector<std::string>& names, size_t most = 5);

}  // namespace llavakd
