// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/document/thumbnail.h"

#include <QCoreApplication>
#include <QImageReader>

#include "widgets/document/background.h"

namespace llavakd {
namespace {

QImage readSmall(const QString& file, int side) {
  QImageReader reader(file);
  reader.setDecideFormatFromContent(true);
  const QSize size = reader.size();
  // Formats that can decode small do so; the others are shrunk after decoding.
  if (size.isValid() && (size.width() > side || size.height() > side))
    reader.setScaledSize(size.scaled(side, side, Qt::KeepAspectRatio).expandedTo({1, 1}));
  QImage image = reader.read();
  if (image.width() > side || image.height() > side)
    image = image.scaled(side, side, Qt::KeepAspectRatio, Qt::SmoothTransformation);
  return image;
}

}  // namespace

void loadThumbnail(const QString& file, int side, QObject* context, std::function<void(const QImage&)> done) {
  inBackground(
      context, [file, side] { return readSmall(file, side); }, std::move(done));
}

QString pictureFilter() {
  return QCoreApplication::translate("Pictures", "Pictures (*.png *.jpg *.jpeg *.webp *.bmp)");
}

}  // namespace llavakd
