// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QStringList>
#include <nlohmann/json.hpp>

#include "core/project/options.h"

namespace llavakd {

/// An option's value as people read it: numbers as fields show them, lists with commas.
QString optionValueText(const nlohmann::ordered_json& value);

/// Where `is` differs from `was`, one option a line: "DPT learning_rate 0.5 (was 0.001)", "DFT is new". At most `most`
/// lines; what is left out is counted in the last one.
QStringList projectChangeTexts(const Project& was, const Project& is, qsizetype most = 5);

}  // namespace llavakd
