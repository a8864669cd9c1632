// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/theme/action_button.h"

#include <QPainter>
#include <QStyleOptionButton>
#include <QStylePainter>
#include <algorithm>

#include "widgets/theme/theme.h"

namespace llavakd {

ActionButton::ActionButton(const QString& text, bool primary, QWidget* parent)
    : QPushButton(text, parent), m_primary(primary) {
  setIconSize({16, 16});
  setAttribute(Qt::WA_Hover);
}

void ActionButton::setPrimary(bool primary) {
  if (m_primary == primary) return;
  m_primary = primary;
  update();
}

QSize ActionButton::sizeHint() const {
  const QSize hint = QPushButton::sizeHint();
  return {std::max(80, hint.width() + theme::gapSmall), std::max(theme::rowHeight, hint.height())};
}

void ActionButton::paintEvent(QPaintEvent* event) {
  if (!m_primary || !isEnabled()) return QPushButton::paintEvent(event);
  QStylePainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  QColor fill = theme::accent();
  if (isDown())
    fill = fill.darker(115);
  else if (underMouse())
    fill = fill.lighter(110);
  painter.setPen(Qt::NoPen);
  painter.setBrush(fill);
  painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), 4, 4);
  if (hasFocus()) {
    painter.setPen(QPen(theme::card(), 1.5));
    painter.setBrush(Qt::NoBrush);
    painter.drawRoundedRect(QRectF(rect()).adjusted(3, 3, -3, -3), 3, 3);
  }
  QStyleOptionButton option;
  initStyleOption(&option);
  option.palette.setColor(QPalette::ButtonText, palette().color(QPalette::HighlightedText));
  option.icon = {};
  const QSize mark = icon().isNull() ? QSize(0, 0) : iconSize();
  const QString name = text();
  const int words = fontMetrics().size(Qt::TextShowMnemonic, name).width();
  const int left = (width() - words - mark.width() - (mark.width() ? theme::gapSmall : 0)) / 2;
  painter.setPen(palette().color(QPalette::HighlightedText));
  painter.drawText(QRect(left + mark.width() + (mark.width() ? theme::gapSmall : 0), 0, words + 2, height()),
                   Qt::AlignVCenter | Qt::AlignLeft | Qt::TextShowMnemonic, name);
  if (!mark.isEmpty()) {
    // The icon engine draws in the text colour; a mask turns it into the button's.
    QPixmap picture = icon().pixmap(mark, devicePixelRatioF());
    QPainter tint(&picture);
    tint.setCompositionMode(QPainter::CompositionMode_SourceIn);
    tint.fillRect(picture.rect(), palette().color(QPalette::HighlightedText));
    tint.end();
    painter.drawPixmap(left, (height() - mark.height()) / 2, picture);
  }
}

}  // namespace llavakd
