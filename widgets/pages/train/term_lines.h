// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <string>
#include <utility>
#include <vector>

#include "widgets/charts/step_chart.h"
#include "widgets/pages/train/chart_settings.h"

namespace llavakd {

/// The total and the catalog's terms, by name and label: what has a tile, and a line in the chart of the loss.
std::vector<std::pair<std::string, QString>> shownTerms();

/// The line of a term in one of the views. The chart has a line for each term in each of them, raw values first, of
/// which one view's are visible.
int termLine(LossView view, std::size_t term);

/// All of these lines, in that order.
std::vector<StepLine> termLines();

/// The title of the values' axis, and how it writes its numbers.
QString lossTitle(LossView view);
QString lossTick(LossView view, double value);

/// The line of another chart: values of that key in a run's history. A `part` is drawn as one of the line before.
StepLine metricLine(const QString& name, const char* key, QString (*text)(double), bool part = false);

/// Values for people: a number, or a dash where there is none; seconds.
QString plainText(double value);
QString secondsText(double value);

}  // namespace llavakd
