// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/train/term_lines.h"

#include <QCoreApplication>
#include <cmath>

#include "core/project/catalog.h"
#include "widgets/document/conversions.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/theme.h"

namespace llavakd {
namespace {

struct LineText {
  Q_DECLARE_TR_FUNCTIONS(LineText)
};

QString shareText(double value) {
  return std::isfinite(value) ? QStringLiteral("%1\u202f%").arg(theme::number(100 * value)) : QStringLiteral("–");
}

StepSelection termValues(LossView view, const std::string& term) {
  const StepView values = view == LossView::raw        ? StepView::raw
                          : view == LossView::weighted ? StepView::weighted
                                                       : StepView::share;
  return {term == "total" ? term : "terms." + term, values, StepAxis::step};
}

}  // namespace

std::vector<std::pair<std::string, QString>> shownTerms() {
  std::vector<std::pair<std::string, QString>> names{{"total", LineText::tr("Total")}};
  for (const auto& entry : catalog::terms()) names.emplace_back(std::string(entry.name), toQString(entry.label));
  return names;
}

int termLine(LossView view, std::size_t term) {
  return int(std::size_t(view) * (1 + catalog::terms().size()) + term);
}

std::vector<StepLine> termLines() {
  std::vector<StepLine> lines;
  for (const auto view : {LossView::raw, LossView::weighted, LossView::share})
    for (const auto& [term, label] : shownTerms())
      lines.push_back({label, [name = term] { return theme::termPen(name); },
                       view == LossView::share ? shareText : plainText, termValues(view, term)});
  return lines;
}

QString lossTitle(LossView view) {
  return view == LossView::raw        ? LineText::tr("Loss, raw values")
         : view == LossView::weighted ? LineText::tr("Loss, weighted")
                                      : LineText::tr("Share of the total");
}

QString lossTick(LossView view, double value) {
  return view == LossView::share ? QStringLiteral("%1\u202f%").arg(theme::shortNumber(100 * value))
                                 : theme::shortNumber(value);
}

StepLine metricLine(const QString& name, const char* key, QString (*text)(double), bool part) {
  return {name,
          [part] { return part ? QPen(theme::mutedText(), 1.5, Qt::DashLine) : QPen(theme::accent(), 1.5); },
          text,
          {.key = key}};
}

QString plainText(double value) {
  return std::isfinite(value) ? theme::number(value) : QStringLiteral("–");
}

QString secondsText(double value) {
  return QStringLiteral("%1\u202fs").arg(theme::number(value));
}

}  // namespace llavakd
