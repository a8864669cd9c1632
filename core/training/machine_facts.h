// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <nlohmann/json.hpp>

#include "core/project/options.h"

namespace llavakd {

/// What of the machine and its libraries decides the last bits of a result, but for the kernel backends, which a run
/// chooses and keeps: for `versions` in run.json. To be asked once LibTorch has its number of threads.
nlohmann::ordered_json machine_facts(const Project& project);

}  // namespace llavakd
