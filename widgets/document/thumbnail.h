// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QImage>
#include <QString>
#include <functional>

class QObject;

namespace llavakd {

/// Reads a picture on a worker thread, shrunk so that it fits into `side` × `side` pixels, and calls `done` on this
/// thread unless `context` is gone. A null image: it can't be read.
void loadThumbnail(const QString& file, int side, QObject* context, std::function<void(const QImage&)> done);

/// The file name patterns of the pictures that the engine reads, for file dialogs.
QString pictureFilter();

}  // namespace llavakd
