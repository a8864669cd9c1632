// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QStringList>
#include <nlohmann/json.hpp>
#include <vector>

#include "core/project/options.h"

namespace llavakd {

/// Where a run's stages (as run.json holds the project) have other values than the page: "DPT NAME weight 0.5 (here
/// 0.7)", one a value; stages and terms that only one of the two has are named.
QStringList runDifferences(const nlohmann::ordered_json& runStages, const std::vector<StageOptions>& page);

/// Options as run.json holds them in lines of "key: value", lists of terms by their names: what a stage was trained
/// with, to read.
QStringList optionLines(const nlohmann::ordered_json& options);

}  // namespace llavakd
