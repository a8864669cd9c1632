// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/legend_entry.h"

#include <QPainter>

#include "widgets/theme/theme.h"

namespace llavakd {

LegendEntry::LegendEntry(const QString& name, std::function<QPen()> pen, QWidget* parent)
    : QAbstractButton(parent), m_pen(std::move(pen)) {
  setText(name);
  setCheckable(true);
  setChecked(true);
  setFocusPolicy(Qt::StrongFocus);
  setAttribute(Qt::WA_Hover);
  setCursor(Qt::PointingHandCursor);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Maximum);
  setToolTip(tr("Show or hide this line"));
}

QSize LegendEntry::sizeHint() const {
  const QFontMetrics metrics(theme::font(theme::Size::body));
  return {legendSampleWidth + 3 * theme::gapSmall + metrics.horizontalAdvance(text()), theme::compactRowHeight};
}

QSize LegendEntry::minimumSizeHint() const {
  return {3 * legendSampleWidth, QFontMetrics(theme::font(theme::Size::body)).height() + 2};
}

QString LegendEntry::shownName(int width) const {
  return QFontMetrics(theme::font(theme::Size::body))
      .elidedText(text(), Qt::ElideMiddle, width - 2 * theme::gapSmall - legendSampleWidth - 2);
}

void LegendEntry::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const QRectF area = QRectF(rect()).adjusted(1, 1, -1, -1);
  if (underMouse()) {
    QColor hover = theme::text();
    hover.setAlphaF(0.06f);
    painter.setPen(Qt::NoPen);
    painter.setBrush(hover);
    painter.drawRoundedRect(area, 4, 4);
  }
  if (hasFocus()) {
    painter.setPen(QPen(theme::accent(), 2));
    painter.setBrush(Qt::NoBrush);
    painter.drawRoundedRect(area, 4, 4);
  }
  QPen pen = m_pen();
  if (!isChecked()) pen.setColor(theme::border());
  painter.setPen(pen);
  const double middle = height() / 2.0;
  painter.drawLine(QPointF(theme::gapSmall, middle), QPointF(theme::gapSmall + legendSampleWidth, middle));
  QFont font = theme::font(theme::Size::body);
  font.setStrikeOut(!isChecked());
  painter.setFont(font);
  painter.setPen(isChecked() ? theme::text() : theme::mutedText());
  const int left = 2 * theme::gapSmall + legendSampleWidth;
  painter.drawText(QRect(left, 0, width() - left, height()), Qt::AlignVCenter | Qt::AlignLeft, shownName(width()));
}

}  // namespace llavakd
