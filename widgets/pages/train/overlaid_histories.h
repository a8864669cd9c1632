// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <vector>

#include "widgets/charts/step_chart.h"
#include "widgets/run/run_selection.h"

namespace llavakd {

/// The steps of other runs, read from their logs.
struct OverlaidHistories {
  std::vector<OverlaidHistory> runs;
  QString problem;  ///< A sentence about the first that can't be read; the others are there.
};

/// Reads files of any size: for worker threads.
OverlaidHistories readOverlaidHistories(const std::vector<OverlaidRun>& runs);

}  // namespace llavakd
