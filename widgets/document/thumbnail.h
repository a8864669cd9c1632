// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QImage>
#include <QString>
#include <functional>

#include "core/image/image.h"

class QObject;

namespace llavakd {

/// The picture for Qt; a copy.
QImage toQImage(const Image& image);

/// A file's picture, or why there is none.
struct ReadPicture {
  QImage image;
  QString fault;
};

/// A file's picture, its longer side at most `longestSide`, or why there is none. For worker threads.
ReadPicture tryPicture(const QString& file, int longestSide);

/// Reads a picture on a worker thread, shrunk so that it fits into `side` × `side` pixels, and calls `done` on this
/// thread unless `context` is gone. A null image: it can't be read.
void loadThumbnail(const QString& file, int side, QObject* context, std::function<void(const QImage&)> done);

/// The file name patterns of the pictures that the engine reads, for file dialogs.
QString pictureFilter();

}  // namespace llavakd
