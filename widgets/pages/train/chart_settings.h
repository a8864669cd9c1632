// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <string>

#include "core/run/step_history.h"
#include "widgets/charts/smoothing.h"

namespace llavakd {

/// What the chart of the loss shows of each term: its mean over the samples, that times its weight, or the latter's
/// share of the total.
enum class LossView { raw, weighted, share };

/// How all charts of a run are shown; remembered from one run and one start of the program to the next.
struct ChartSettings {
  LossView view = LossView::raw;
  StepAxis axis = StepAxis::step;
  Smoothing smoothing = {Smoothing::Kind::exponential, 0.6};
  bool bandOfExtremes = false, logValues = true, logSteps = false, stages = true;
};

ChartSettings readChartSettings();
void writeChartSettings(const ChartSettings& settings);

/// Whether a term's line is hidden. By name: the catalog grows, and an index then means another term.
bool isTermHidden(const std::string& term);
void setTermHidden(const std::string& term, bool hidden);

/// Whether a panel under the chart of the loss is shown; `otherwise` where nobody has chosen yet.
bool isPanelShown(const QString& panel, bool otherwise);
void setPanelShown(const QString& panel, bool shown);

}  // namespace llavakd
