// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>

#include "core/run/step_history.h"

namespace llavakd {

/// The axis's title: "Steps".
QString axisTitle(StepAxis axis);

/// A place on the axis for people: "1,920 samples"; empty for steps, which need no other name.
QString placeText(StepAxis axis, double place);

}  // namespace llavakd
