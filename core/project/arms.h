// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "core/project/options.h"

namespace llavakd {

/// A schedule that is compared with others, "DPT-SFT-DFT".
struct Arm {
  std::string name;
  std::vector<std::string> stages;
};

/// Arms from "PT-SFT,DPT-SFT-DFT": names of the project's stages joined by '-'. Throws UserError that lists the stages.
std::vector<Arm> parse_arms(const Project& project, const std::string& text);

/// Seeds from "0,1,2". Throws UserError.
std::vector<int64_t> parse_seeds(const std::string& text);

}  // namespace llavakd
