// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <iostream>

#include "core/checkpoint/model_template.h"

namespace llavakd {

/// Says on stderr where the template was a guess, or was asked for against what the model says. Last, so that it isn't
/// lost above a table, and so that an error stays one sentence.
inline void say_doubts(const ModelTemplate& used, const std::filesystem::path& model) {
  if (const std::string doubts = doubts_text(used, model); !doubts.empty())
    std::cerr << "llavakd: " << doubts << std::endl;
}

}  // namespace llavakd
