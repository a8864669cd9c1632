// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// The icons of the theme, drawn in the colours of the moment.
#include <QApplication>
#include <QFile>
#include <QIconEngine>
#include <QPainter>
#include <QPalette>
#include <QSvgRenderer>
#include <algorithm>

#include "widgets/theme/theme.h"

namespace llavakd::theme {
namespace {

QByteArray svgOf(const QString& name) {
  QFile file(QStringLiteral(":/icons/%1.svg").arg(name));
  return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

// Qt's SVG renderer doesn't know the text colour, so it is put in place of `currentColor`.
void paintSvg(QPainter* painter, const QByteArray& svg, const QColor& color, const QRectF& rect) {
  QByteArray tinted = svg;
  QSvgRenderer renderer(tinted.replace("currentColor", color.name().toLatin1()));
  painter->save();
  painter->setOpacity(painter->opacity() * color.alphaF());
  renderer.render(painter, rect);
  painter->restore();
}

// Draws with the colours of the moment, so that icons follow a change of theme.
class TintedIcon : public QIconEngine {
 public:
  explicit TintedIcon(const QString& name) : m_name(name), m_svg(svgOf(name)) {}

  void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State) override {
    const auto group = mode == QIcon::Disabled ? QPalette::Disabled : QPalette::Active;
    const auto role = mode == QIcon::Selected ? QPalette::HighlightedText : QPalette::ButtonText;
    const int side = std::min(rect.width(), rect.height());
    const QRect square(rect.x() + (rect.width() - side) / 2, rect.y() + (rect.height() - side) / 2, side, side);
    paintSvg(painter, m_svg, QApplication::palette().color(group, role), square);
  }
  QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State state) override {
    QPixmap pixmap(size);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    paint(&painter, QRect(QPoint(), size), mode, state);
    return pixmap;
  }
  QIconEngine* clone() const override { return new TintedIcon(m_name); }

 private:
  QString m_name;
  QByteArray m_svg;
};

}  // namespace

QIcon icon(const QString& name) {
  return QIcon(new TintedIcon(name));
}

QPixmap iconPixmap(const QString& name, const QColor& color, int size, double scale) {
  QPixmap pixmap(QSize(size, size) * scale);
  pixmap.setDevicePixelRatio(scale);
  pixmap.fill(Qt::transparent);
  QPainter painter(&pixmap);
  paintSvg(&painter, svgOf(name), color, QRectF(0, 0, size, size));
  return pixmap;
}

}  // namespace llavakd::theme
