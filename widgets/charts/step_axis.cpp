// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/step_axis.h"

#include <QCoreApplication>
#include <cmath>

#include "widgets/theme/numbers.h"
#include "widgets/theme/theme.h"

namespace llavakd {
namespace {

struct AxisText {
  Q_DECLARE_TR_FUNCTIONS(AxisText)
};

}  // namespace

QString axisTitle(StepAxis axis) {
  switch (axis) {
    case StepAxis::step:
      return AxisText::tr("Steps");
    case StepAxis::samples:
      return AxisText::tr("Samples");
    case StepAxis::tokens:
      return AxisText::tr("Tokens");
    case StepAxis::hours:
      return AxisText::tr("Hours of training");
    case StepAxis::stage:
      return AxisText::tr("Share of each stage");
  }
  return {};
}

QString placeText(StepAxis axis, double place) {
  switch (axis) {
    case StepAxis::step:
      return {};
    case StepAxis::samples:
      return AxisText::tr("%1 samples").arg(theme::wholeNumber(std::llround(place)));
    case StepAxis::tokens:
      return AxisText::tr("%1 tokens").arg(theme::wholeNumber(std::llround(place)));
    case StepAxis::hours:
      return AxisText::tr("%1 h").arg(theme::number(place));
    case StepAxis::stage: {
      // The end of a stage is all of it, not nothing of the next.
      const double share = place > 0 ? place - (std::ceil(place) - 1) : 0;
      return AxisText::tr("%1\u202f% of the stage").arg(theme::wholeNumber(std::llround(100 * share)));
    }
  }
  return {};
}

}  // namespace llavakd
