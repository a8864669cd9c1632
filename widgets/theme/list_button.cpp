// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/theme/list_button.h"

#include <QPainter>
#include <QPainterPath>
#include <QSvgRenderer>
#include <algorithm>

#include "widgets/theme/theme.h"

namespace llavakd {
namespace {

constexpr int pictureWidth = 96, pictureHeight = 72;
constexpr int leastTextWidth = 200;  // next to a drawing

}  // namespace

ListButton::ListButton(QWidget* parent) : QAbstractButton(parent) {
  setFocusPolicy(Qt::StrongFocus);
  setCursor(Qt::PointingHandCursor);
  QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Preferred);
  policy.setHeightForWidth(true);
  setSizePolicy(policy);
}

void ListButton::setTexts(const QString& title, const QString& sentence, const QString& remark) {
  setText(title);
  m_sentence = sentence;
  m_remark = remark;
  setAccessibleName(title);
  setAccessibleDescription(sentence + QLatin1Char(' ') + remark);
  updateGeometry();
  update();
}

void ListButton::setDrawing(QWidget* drawing) {
  delete m_drawing;
  m_drawing = drawing;
  drawing->setParent(this);
  drawing->setAttribute(Qt::WA_TransparentForMouseEvents);
  updateGeometry();
  resizeEvent(nullptr);
}

int ListButton::drawingWidth(int width) const {
  const int wanted = m_drawing ? m_drawing->width() + theme::gap : 0;
  return width - wanted >= leastTextWidth ? wanted : 0;
}

void ListButton::resizeEvent(QResizeEvent*) {
  if (!m_drawing) return;
  m_drawing->move(width() - m_drawing->width() - theme::gap, (height() - m_drawing->height()) / 2);
  m_drawing->setVisible(drawingWidth(width()) > 0);
}

QRect ListButton::textRect(int width) const {
  const int left = theme::gap + (m_picture.isEmpty() ? 0 : pictureWidth + theme::gapLarge);
  return {left, theme::gap, std::max(40, width - left - theme::gapLarge - drawingWidth(width) - markWidth()), 10000};
}

int ListButton::textHeight(int width) const {
  const QFontMetrics title(theme::font(theme::Size::title)), body(theme::font(theme::Size::body)),
      caption(theme::font(theme::Size::caption));
  int height = title.height();
  if (!m_sentence.isEmpty()) height += 2 + body.boundingRect(textRect(width), Qt::TextWordWrap, m_sentence).height();
  if (!m_remark.isEmpty()) height += 2 + caption.height();
  return height;
}

int ListButton::heightForWidth(int width) const {
  return std::max(textHeight(width), m_picture.isEmpty() ? 0 : pictureHeight) + 2 * theme::gap;
}

QSize ListButton::sizeHint() const {
  return {480, heightForWidth(480)};
}
QSize ListButton::minimumSizeHint() const {
  return {240, heightForWidth(480)};
}

void ListButton::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  QPainterPath path;
  path.addRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), theme::radius, theme::radius);
  painter.fillPath(path, theme::card());
  const bool marked = isDown() || isChecked();
  QColor ground = marked ? theme::accent() : theme::text();
  ground.setAlphaF(marked ? 0.12F : underMouse() ? 0.05F : 0.0F);
  painter.fillPath(path, ground);
  if (hasFocus() || isChecked())
    painter.setPen(QPen(theme::accent(), hasFocus() ? 2 : 1));
  else
    painter.setPen(QPen(underMouse() ? theme::fieldBorder() : theme::border(), 1));
  painter.drawPath(path);
  if (isChecked())  // not by its colour alone
    painter.drawPixmap(
        QPointF(width() - theme::gap - theme::iconSize, theme::gap),
        theme::iconPixmap(QStringLiteral("check"), theme::accent(), theme::iconSize, devicePixelRatioF()));
  if (!m_picture.isEmpty()) {
    QSvgRenderer renderer(m_picture);
    renderer.render(&painter, QRectF(theme::gap, (height() - pictureHeight) / 2.0, pictureWidth, pictureHeight));
  }
  QRect area = textRect(width());
  const QFontMetrics title(theme::font(theme::Size::title));
  area.moveTop((height() - textHeight(width())) / 2);
  painter.setFont(theme::font(theme::Size::title));
  painter.setPen(isEnabled() ? theme::text() : theme::mutedText());
  painter.drawText(area, Qt::AlignLeft | Qt::AlignTop, title.elidedText(text(), Qt::ElideRight, area.width()));
  area.setTop(area.top() + title.height() + 2);
  if (!m_sentence.isEmpty()) {
    painter.setFont(theme::font(theme::Size::body));
    QRect taken;
    painter.drawText(area, Qt::AlignLeft | Qt::AlignTop | Qt::TextWordWrap, m_sentence, &taken);
    area.setTop(taken.bottom() + 3);
  }
  if (!m_remark.isEmpty()) {
    painter.setFont(theme::font(theme::Size::caption));
    painter.setPen(theme::mutedText());
    painter.drawText(area, Qt::AlignLeft | Qt::AlignTop,
                     painter.fontMetrics().elidedText(m_remark, Qt::ElideMiddle, area.width()));
  }
}

}  // namespace llavakd
