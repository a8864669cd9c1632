// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/project/level_mark.h"

#include <QPainter>
#include <algorithm>

#include "widgets/document/conversions.h"

namespace llavakd {
namespace {

constexpr int markSize = 16;

}  // namespace

theme::State stateOf(MatchLevel level) {
  if (level == MatchLevel::green) return theme::State::done;
  return level == MatchLevel::amber ? theme::State::paused : theme::State::failed;
}

LevelMark::LevelMark(MatchLevel level, QWidget* parent) : QWidget(parent), m_level(level) {
  setFixedSize(markSize, std::max(markSize, QFontMetrics(theme::font(theme::Size::body)).height()));
  setAccessibleName(toQString(name_of(level)));
}

void LevelMark::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const char* name = m_level == MatchLevel::green ? "check" : m_level == MatchLevel::amber ? "warning" : "cross";
  painter.drawPixmap(
      QPointF(0, (height() - markSize) / 2.0),
      theme::iconPixmap(QString::fromLatin1(name), theme::stateColor(stateOf(m_level)), markSize, devicePixelRatioF()));
}

}  // namespace llavakd
