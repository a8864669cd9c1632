// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/shared/chart_export.h"

#include <QAction>
#include <QCoreApplication>
#include <memory>

#include "widgets/charts/step_chart.h"
#include "widgets/shared/export_dialog.h"
#include "widgets/shared/value_table_dialog.h"

namespace llavakd {

ExportSubject exportSubject(StepChart* chart, const QString& name, const ChartOrigin& origin) {
  // Files are read by people of other languages and by programs: numbers as in C.
  QStringList lines = origin.lines;
  if (const auto steps = chart->stepsInView())
    lines << QStringLiteral("Steps: %1 to %2").arg(qint64(steps->first)).arg(qint64(steps->second));
  return {name, chart->size(), [chart](QPaintDevice* device, const QSize& size) { chart->paint(device, size); },
          [table = chart->table()] { return table.commaSeparated(); }, lines};
}

void addExportActions(StepChart* chart, const QString& name, const ChartOrigin* origin) {
  const auto showTable = [chart] {
    showValueTable(chart, chart->accessibleName(),
                   [chart] { return std::make_shared<const ChartTable>(chart->table()); });
  };
  QObject::connect(chart, &StepChart::tableRequested, chart, showTable);
  const auto add = [chart](const char* text, const char* objectName, auto action) {
    auto* made = new QAction(StepChart::tr(text), chart);
    made->setObjectName(QLatin1String(objectName));
    QObject::connect(made, &QAction::triggered, chart, action);
    chart->addAction(made);
  };
  add(QT_TRANSLATE_NOOP("llavakd::StepChart", "&Table\tT"), "table", showTable);
  add(QT_TRANSLATE_NOOP("llavakd::StepChart", "&Export…"), "export",
      [chart, name, origin] { showExportDialog(chart, exportSubject(chart, name, *origin), origin->folder); });
  add(QT_TRANSLATE_NOOP("llavakd::StepChart", "&Copy as picture"), "copyPicture",
      [chart, name, origin] { copyAsPicture(exportSubject(chart, name, *origin)); });
}

}  // namespace llavakd
