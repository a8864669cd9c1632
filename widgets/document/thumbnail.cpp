// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/document/thumbnail.h"

#include <QCoreApplication>
#include <QFileInfo>
#include <QStringList>
#include <exception>

#include "core/image/decode.h"
#include "core/image/maps.h"
#include "widgets/document/background.h"
#include "widgets/document/conversions.h"

namespace llavakd {
namespace {

QStringList pictureSuffixes() {
  return QStringLiteral("png jpg jpeg webp bmp gif tif tiff").split(QLatin1Char(' '));
}

}  // namespace

QImage toQImage(const Image& image) {
  if (image.width < 1 || image.height < 1) return {};
  return QImage(image.rgb.data(), image.width, image.height, image.width * 3, QImage::Format_RGB888).copy();
}

ReadPicture tryPicture(const QString& file, int longestSide) {
  try {
    return {toQImage(thumbnail(read_image(toPath(file)), longestSide)), {}};
  } catch (const std::exception& error) {
    return {{}, toQString(error.what())};
  }
}

void loadThumbnail(const QString& file, int side, QObject* context, std::function<void(const QImage&)> done) {
  inBackground(
      context, [file, side] { return tryPicture(file, side).image; }, std::move(done));
}

QString pictureFilter() {
  return QCoreApplication::translate("Pictures", "Pictures (%1)")
      .arg(QStringLiteral("*.") + pictureSuffixes().join(QStringLiteral(" *.")));
}

}  // namespace llavakd
