// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <iostream>

#include "core/checkpoint/model_template.h"

namespace llavakd {

/// Says on stderr that the template was a guess, where it was one. Last, so that it isn't lost above a table, and so
/// that an error stays one sentence.
inline void say_guess(const ModelTemplate& used, const std::filesystem::path& model) {
  if (used.is_guess()) std::cerr << "llavakd: " << guess_text(used, model) << std::endl;
}

}  // namespace llavakd
