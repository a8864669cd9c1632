// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "contact_sheet.h"

#include <QPainter>
#include <algorithm>
#include <cmath>

#include "core/base/errors.h"

namespace llavakd {
namespace {

constexpr int widest = 640, between = 16, captionHeight = 24;
constexpr QRgb sheetGround = 0xff888888;  // neither a light nor a dark window's

}  // namespace

QString sheetView() {
  return QStringLiteral("sheet");
}

void ContactSheets::add(const GalleryPicture& picture, const QImage& image) {
  GalleryPicture sheet = picture;
  sheet.view = sheetView();
  QImage small = image.scaledToWidth(std::min(widest, image.width()), Qt::SmoothTransformation);
  small.setDevicePixelRatio(1);
  m_sheets[sheet.fileName()].push_back({picture.view, std::move(small)});
}

void ContactSheets::write(const QString& folder) {
  for (const auto& [name, entries] : m_sheets) {
    if (entries.size() < 2) continue;
    const auto columns = int(std::ceil(std::sqrt(double(entries.size()))));
    const int rows = (int(entries.size()) + columns - 1) / columns;
    QSize cell(0, 0);
    for (const Entry& entry : entries) cell = cell.expandedTo(entry.image.size());
    cell += QSize(between, captionHeight + between);
    QImage sheet(columns * cell.width() + between, rows * cell.height() + between, QImage::Format_RGB32);
    sheet.fill(sheetGround);
    QPainter painter(&sheet);
    QFont font = painter.font();
    font.setPixelSize(captionHeight - 8);
    painter.setFont(font);
    painter.setPen(Qt::black);
    for (int i = 0; i < int(entries.size()); ++i) {
      const QPoint corner(between + i % columns * cell.width(), between + i / columns * cell.height());
      painter.drawText(QRect(corner, QSize(widest, captionHeight)), Qt::AlignLeft | Qt::AlignVCenter,
                       entries[size_t(i)].view);
      painter.drawImage(corner + QPoint(0, captionHeight), entries[size_t(i)].image);
    }
    painter.end();
    const QString file = folder + QLatin1Char('/') + name;
    if (!sheet.save(file)) throw RunError(file.toStdString() + " can't be written.");
  }
  m_sheets.clear();
}

}  // namespace llavakd
