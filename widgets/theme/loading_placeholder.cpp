// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/theme/loading_placeholder.h"

#include <QPainter>
#include <algorithm>
#include <array>

#include "widgets/theme/theme.h"

namespace llavakd {
namespace {

constexpr int placeholderDelay = 150;  // milliseconds
constexpr int outlineWidth = 320, outlineHeight = 10, shareHeight = 4;
constexpr std::array outline{0.55, 1.0, 0.8};  // lines of a text, as shares of the width

}  // namespace

LoadingPlaceholder::LoadingPlaceholder(QWidget* parent) : QWidget(parent) {
  setFont(theme::font(theme::Size::body));
  m_delay.setSingleShot(true);
  m_delay.setInterval(placeholderDelay);
  connect(&m_delay, &QTimer::timeout, this, qOverload<>(&QWidget::update));
}

void LoadingPlaceholder::setText(const QString& text) {
  if (text == m_text) return;
  m_text = text;
  setAccessibleName(text);
  update();
}

void LoadingPlaceholder::setShare(std::optional<double> share) {
  if (share == m_share) return;
  m_share = share;
  update();
}

void LoadingPlaceholder::showAtOnce() {
  m_delay.stop();
  update();
}

void LoadingPlaceholder::showEvent(QShowEvent* event) {
  m_delay.start();
  QWidget::showEvent(event);
}

void LoadingPlaceholder::paintEvent(QPaintEvent*) {
  if (m_delay.isActive()) return;
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const int wide = std::min(outlineWidth, width() - 2 * theme::pageMargin);
  const int left = (width() - wide) / 2;
  const int high = int(outline.size()) * (outlineHeight + theme::gapSmall) + theme::gapLarge + fontMetrics().height();
  double y = std::max(0, (height() - high) * 2 / 5);
  const auto bar = [&](double length, double thickness, const QColor& color) {
    painter.setPen(Qt::NoPen);
    painter.setBrush(color);
    painter.drawRoundedRect(QRectF(left, y, length, thickness), thickness / 2, thickness / 2);
  };
  for (const double part : outline) {
    bar(part * wide, outlineHeight, theme::border());
    y += outlineHeight + theme::gapSmall;
  }
  y += theme::gapLarge - theme::gapSmall;
  painter.setPen(theme::mutedText());
  painter.drawText(QRectF(0, y, width(), fontMetrics().height()), Qt::AlignCenter,
                   fontMetrics().elidedText(m_text, Qt::ElideMiddle, width() - 2 * theme::gapSmall));
  if (!m_share) return;
  y += fontMetrics().height() + theme::gapSmall;
  bar(wide, shareHeight, theme::border());
  bar(std::clamp(*m_share, 0.0, 1.0) * wide, shareHeight, theme::accent());
}

}  // namespace llavakd
