// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QPainter>

#include "widgets/document/thumbnail.h"

namespace llavakd {

/// Fills an area that has no value with lines, and writes why into its middle.
void paintHatched(QPainter& painter, const QRectF& area, const QString& why = {});

}  // namespace llavakd
