// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/project/level_mark.h"

#include <QPainter>

#include "widgets/document/conversions.h"

namespace llavakd {

theme::State stateOf(MatchLevel level) {
  if (level == MatchLevel::green) return theme::State::done;
  return level == MatchLevel::amber ? theme::State::paused : theme::State::failed;
}

LevelMark::LevelMark(MatchLevel level, QWidget* parent) : QWidget(parent), m_level(level) {
  setFixedSize(16, 20);
  setAccessibleName(toQString(name_of(level)));
}

void LevelMark::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const char* name = m_level == MatchLevel::green ? "check" : m_level == MatchLevel::amber ? "warning" : "cross";
  painter.drawPixmap(QPointF(0, 2), theme::iconPixmap(QString::fromLatin1(name), theme::stateColor(stateOf(m_level)),
                                                      16, devicePixelRatioF()));
}

}  // namespace llavakd
