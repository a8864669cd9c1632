// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QIcon>
#include <QString>
#include <string_view>

#include "widgets/run/run_row.h"

namespace llavakd {

/// A run's state in words: "Running", "Failed at start", "Damaged".
QString stateText(const RunRow& run);
/// Its icon in its colour.
QIcon stateIcon(const RunRow& run);

/// "1,200 of 3,000", "1,200" while the plan is unknown, empty before the first step.
QString stepsText(const RunRow& run);

/// A term as people read it; its name where the catalog doesn't know it.
QString termLabel(std::string_view term);

/// "1 run", "1,200 runs".
QString runCountText(qint64 runs);

/// "1 checkpoint", "12 checkpoints".
QString countText(int checkpoints);

}  // namespace llavakd
