// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/train/progress_line.h"

#include <QPainter>
#include <algorithm>

#include "widgets/theme/theme.h"

namespace llavakd {
namespace {

constexpr int progressHeight = 6;

}  // namespace

ProgressLine::ProgressLine(QWidget* parent) : QWidget(parent) {
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void ProgressLine::setProgress(const QString& text, double fraction, const QString& right, const QColor& color) {
  m_text = text;
  m_right = right;
  m_fraction = std::clamp(fraction, 0.0, 1.0);
  m_color = color;
  setAccessibleName(right.isEmpty() ? text : text + QStringLiteral(", ") + right);
  update();
}

QSize ProgressLine::sizeHint() const {
  return {260, QFontMetrics(theme::numberFont(theme::Size::caption)).height() + theme::gapTiny + progressHeight};
}

void ProgressLine::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const QFont font = theme::numberFont(theme::Size::caption);
  const QFontMetrics metrics(font);
  painter.setFont(font);
  painter.setPen(theme::mutedText());
  const QRect line(0, 0, width(), metrics.height());
  painter.drawText(line, Qt::AlignRight | Qt::AlignVCenter, m_right);
  painter.setPen(theme::text());
  const int room = width() - metrics.horizontalAdvance(m_right) - theme::gap;
  painter.drawText(line, Qt::AlignLeft | Qt::AlignVCenter, metrics.elidedText(m_text, Qt::ElideRight, room));

  const QRectF bar(0, metrics.height() + theme::gapTiny, width(), progressHeight);
  painter.setPen(Qt::NoPen);
  QColor ground = theme::text();
  ground.setAlphaF(0.12f);
  painter.setBrush(ground);
  painter.drawRoundedRect(bar, progressHeight / 2.0, progressHeight / 2.0);
  if (m_fraction <= 0) return;
  painter.setBrush(m_color.isValid() ? m_color : theme::stateColor(theme::State::running));
  painter.drawRoundedRect(
      QRectF(bar.topLeft(), QSizeF(std::max<double>(progressHeight, bar.width() * m_fraction), progressHeight)),
      progressHeight / 2.0, progressHeight / 2.0);
}

}  // namespace llavakd
