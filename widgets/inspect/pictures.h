// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QImage>
#include <QPainter>

#include "core/image/image.h"

namespace llavakd {

/// The picture for Qt; a copy.
QImage toQImage(const Image& image);

/// A file's picture, its longer side at most `longestSide`. Throws UserError. For worker threads.
QImage readPicture(const QString& file, int longestSide);

/// Fills an area that has no value with lines, and writes why into its middle.
void paintHatched(QPainter& painter, const QRectF& area, const QString& why = {});

}  // namespace llavakd
