// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <QStringList>

#include "widgets/shared/exported_picture.h"

namespace llavakd {

class StepChart;

/// Where a run's charts come from, for the files that they are exported to.
struct ChartOrigin {
  QStringList lines;  ///< "Project: …", "Run: …".
  QString folder;     ///< Of the project.
};

/// A chart as it is shown, ready to be exported under that name.
ExportSubject exportSubject(StepChart* chart, const QString& name, const ChartOrigin& origin);

/// Adds "Export…" and "Copy as picture" to the chart's context menu. `origin` outlives the chart.
void addExportActions(StepChart* chart, const QString& name, const ChartOrigin* origin);

}  // namespace llavakd
