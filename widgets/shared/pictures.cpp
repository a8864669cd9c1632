// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/shared/pictures.h"

#include <algorithm>

#include "widgets/theme/theme.h"

namespace llavakd {

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
