// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/stages/stage_arrow.h"

#include <QPainter>

#include "widgets/theme/theme.h"

namespace llavakd {

void StageArrow::setDown(bool down) {
  m_down = down;
  down ? setFixedSize(theme::iconSize, theme::gapLarge) : setFixedSize(theme::gapPage, 2 * theme::gapPage);
  update();
}

void StageArrow::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const QString icon = m_down ? QStringLiteral("chevron-down") : QStringLiteral("arrow-right");
  painter.drawPixmap(QPointF((width() - theme::iconSize) / 2.0, m_down ? -2 : theme::cardPadding + 4),
                     theme::iconPixmap(icon, theme::mutedText(), theme::iconSize, devicePixelRatioF()));
}

}  // namespace llavakd
