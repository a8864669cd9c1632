// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/shared/picture_view.h"

#include <QFileInfo>
#include <QPainter>

#include "widgets/document/background.h"
#include "widgets/document/thumbnail.h"
#include "widgets/shared/pictures.h"
#include "widgets/theme/theme.h"

namespace llavakd {
namespace {

constexpr int longestSide = 1024;

}  // namespace

PictureView::PictureView(QWidget* parent) : QWidget(parent) {
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
  m_emptyText = tr("Choose a picture, or drop one here");
  setFile({});
}

void PictureView::setEmptyText(const QString& text) {
  m_emptyText = text;
  if (m_file.isEmpty()) setFile({});
}

void PictureView::setFile(const QString& file) {
  m_file = file;
  const NewestRequest::Ticket reading = m_readings.begin();
  setToolTip(file);
  setAccessibleName(file.isEmpty() ? tr("No picture") : tr("Picture %1").arg(QFileInfo(file).fileName()));
  if (file.isEmpty()) {
    m_picture = {};
    m_why = m_emptyText;
    update();
    return;
  }
  inBackground(
      this, [file] { return tryPicture(file, longestSide); }, reading.only([this](const ReadPicture& read) {
        m_picture = read.image;
        m_why = read.fault;
        update();
      }));
}

void PictureView::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const QFontMetrics metrics(theme::font(theme::Size::caption));
  const QRectF place = QRectF(rect()).adjusted(0, 0, 0, -metrics.height() - theme::gapTiny);
  if (m_picture.isNull()) return paintHatched(painter, place, m_why);
  painter.setRenderHint(QPainter::SmoothPixmapTransform);
  const QSizeF size = QSizeF(m_picture.size()).scaled(place.size(), Qt::KeepAspectRatio);
  const QRectF area((width() - size.width()) / 2, 0, size.width(), size.height());
  painter.drawImage(area, m_picture);
  painter.setPen(theme::border());
  painter.drawRect(area.adjusted(0.5, 0.5, -0.5, -0.5));
  painter.setFont(theme::font(theme::Size::caption));
  painter.setPen(theme::mutedText());
  painter.drawText(QRectF(0, area.bottom() + theme::gapTiny, width(), metrics.height()), Qt::AlignCenter,
                   metrics.elidedText(QFileInfo(m_file).fileName(), Qt::ElideMiddle, width()));
}

}  // namespace llavakd
