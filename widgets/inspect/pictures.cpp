// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/inspect/pictures.h"

#include <algorithm>

#include "core/image/decode.h"
#include "core/image/maps.h"
#include "widgets/document/conversions.h"
#include "widgets/theme/theme.h"

namespace llavakd {

QImage toQImage(const Image& image) {
  if (image.width < 1 || image.height < 1) return {};
  return QImage(image.rgb.data(), image.width, image.height, image.width * 3, QImage::Format_RGB888).copy();
}

QImage readPicture(const QString& file, int longestSide) {
  return toQImage(thumbnail(read_image(toPath(file)), longestSide));
}

void paintHatched(QPainter& painter, const QRectF& area, const QString& why) {
  painter.save();
  painter.setClipRect(area, Qt::IntersectClip);
  painter.fillRect(area, theme::cardSunken());
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(QPen(theme::border(), 1));
  constexpr double distance = 8;
  for (double x = area.left() - area.height(); x < area.right(); x += distance)
    painter.drawLine(QPointF(x, area.bottom()), QPointF(x + area.height(), area.top()));
  if (!why.isEmpty()) {
    painter.setFont(theme::font(theme::Size::caption));
    const QRectF room = area.adjusted(theme::gapSmall, theme::gapSmall, -theme::gapSmall, -theme::gapSmall);
    const QRectF words = painter.boundingRect(room, Qt::AlignCenter | Qt::TextWordWrap, why);
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme::cardSunken());
    painter.drawRoundedRect(words.adjusted(-6, -4, 6, 4), 4, 4);
    painter.setPen(theme::mutedText());
    painter.drawText(room, Qt::AlignCenter | Qt::TextWordWrap, why);
  }
  painter.restore();
}

}  // namespace llavakd
