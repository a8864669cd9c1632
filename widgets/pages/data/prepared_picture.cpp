// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/data/prepared_picture.h"

#include <QPainter>

#include "widgets/shared/pictures.h"

namespace llavakd {
namespace {

constexpr int preparedSide = 192;

}  // namespace

PreparedPicture::PreparedPicture(theme::Who who, QWidget* parent) : QWidget(parent), m_who(who) {
  setFont(theme::font(theme::Size::caption));
  setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Fixed);
}

void PreparedPicture::setPicture(const QString& heading, const QImage& picture, const QString& note) {
  m_heading = heading;
  m_picture = picture;
  m_note = note;
  setAccessibleName(QStringLiteral("%1: %2").arg(heading, note));
  setToolTip(note);
  update();
}

QSize PreparedPicture::sizeHint() const {
  return {preparedSide, theme::whoBar + 2 * (fontMetrics().height() + theme::gapTiny) + preparedSide};
}

void PreparedPicture::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  if (m_who != theme::Who::none) painter.fillRect(QRect(0, 0, width(), theme::whoBar), theme::whoColor(m_who));
  const int line = fontMetrics().height() + theme::gapTiny;
  painter.setPen(theme::text());
  painter.drawText(QRect(0, theme::whoBar, width(), line), Qt::AlignLeft | Qt::AlignVCenter,
                   fontMetrics().elidedText(m_heading, Qt::ElideMiddle, width()));
  const QRectF place(0, theme::whoBar + line, width(), preparedSide);
  if (m_picture.isNull()) return paintHatched(painter, place, m_note);
  painter.setRenderHint(QPainter::SmoothPixmapTransform);
  const QSizeF size = QSizeF(m_picture.size()).scaled(place.size(), Qt::KeepAspectRatio);
  const QRectF area(place.left(), place.top(), size.width(), size.height());
  painter.drawImage(area, m_picture);
  painter.setPen(theme::border());
  painter.drawRect(area.adjusted(0.5, 0.5, -0.5, -0.5));
  painter.setPen(theme::mutedText());
  painter.drawText(QRectF(0, area.bottom() + theme::gapTiny, width(), line), Qt::AlignLeft | Qt::AlignTop,
                   fontMetrics().elidedText(m_note, Qt::ElideRight, width()));
}

}  // namespace llavakd
