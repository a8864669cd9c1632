// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/project/level_mark.h"

#include <QPainter>
#include <algorithm>

#include "widgets/document/conversions.h"
#include "widgets/run/project_check.h"
#include "widgets/theme/theme.h"

namespace llavakd {
namespace {

constexpr int markSize = 16;

}  // namespace

LevelMark::LevelMark(MatchLevel level, QWidget* parent) : QWidget(parent), m_level(level) {
  setFixedSize(markSize, std::max(markSize, QFontMetrics(theme::font(theme::Size::body)).height()));
  setAccessibleName(toQString(name_of(level)));
}

void LevelMark::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const char* name = m_level == MatchLevel::green ? "check" : m_level == MatchLevel::amber ? "warning" : "cross";
  const QColor colour = isEnabled() ? theme::stateColor(stateOf(m_level)) : theme::mutedText();
  painter.drawPixmap(QPointF(0, (height() - markSize) / 2.0),
                     theme::iconPixmap(QString::fromLatin1(name), colour, markSize, devicePixelRatioF()));
}

}  // namespace llavakd
