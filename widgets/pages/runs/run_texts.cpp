// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/runs/run_texts.h"

#include <QGuiApplication>
#include <QPalette>
#include <QPixmapCache>

#include "core/project/catalog.h"
#include "widgets/document/conversions.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/theme.h"

namespace llavakd {
namespace {

QString runsText(const char* text) {
  return QCoreApplication::translate("RunTexts", text);
}

}  // namespace

QString stateText(const RunRow& run) {
  if (!run.fault.isEmpty()) return runsText("Damaged");
  if (run.state == RunState::failed && run.step == 0) return runsText("Failed at start");
  return run.state == RunState::none ? runsText("Unknown") : runStateText(run.state);
}

QIcon stateIcon(const RunRow& run) {
  const theme::State look = run.fault.isEmpty() ? lookOf(run.state) : theme::State::failed;
  const QString name = run.fault.isEmpty() ? theme::stateIconName(look) : QStringLiteral("warning");
  const QColor color = theme::stateColor(look);
  const QColor selected = QGuiApplication::palette().color(QPalette::HighlightedText);
  // Drawn once: a list of runs paints it in every row.
  const auto drawn = [&](const QColor& ink) {
    const QString key = QStringLiteral("run state ") + name + ink.name();
    QPixmap pixmap;
    if (QPixmapCache::find(key, &pixmap)) return pixmap;
    pixmap = theme::iconPixmap(name, ink, 16, 2);
    QPixmapCache::insert(key, pixmap);
    return pixmap;
  };
  QIcon icon(drawn(color));
  icon.addPixmap(drawn(selected), QIcon::Selected);
  return icon;
}

QString stepsText(const RunRow& run) {
  if (run.step == 0 && run.plannedSteps == 0) return {};
  if (run.plannedSteps <= 0) return theme::wholeNumber(run.step);
  return runsText("%1 of %2").arg(theme::wholeNumber(run.step), theme::wholeNumber(run.plannedSteps));
}

QString termLabel(std::string_view term) {
  for (const CatalogEntry& entry : catalog::terms())
    if (entry.name == term) return toQString(entry.label);
  return toQString(term);
}

QString runCountText(qint64 runs) {
  return runs == 1 ? runsText("1 run") : runsText("%1 runs").arg(theme::wholeNumber(runs));
}

QString countText(int checkpoints) {
  return checkpoints == 1 ? runsText("1 checkpoint") : runsText("%1 checkpoints").arg(theme::wholeNumber(checkpoints));
}

}  // namespace llavakd
