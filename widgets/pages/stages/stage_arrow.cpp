// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/stages/stage_arrow.h"

#include <QEvent>
#include <QPainter>
#include <QToolButton>

#include "core/project/stage_gate.h"
#include "widgets/document/conversions.h"
#include "widgets/theme/parts.h"

namespace llavakd {

StageArrow::StageArrow(QWidget* parent)
    : QWidget(parent), m_gate(makeToolButton(QStringLiteral("gate"), {}, {}, this)) {
  m_gate->setObjectName(QStringLiteral("gateButton"));
  m_gate->setFocusPolicy(Qt::TabFocus);
  m_gate->setFixedSize(theme::compactRowHeight, theme::compactRowHeight);
  connect(m_gate, &QToolButton::clicked, this, &StageArrow::gateRequested);
}

void StageArrow::setStages(const StageOptions& before, const StageOptions& after) {
  const QString from = toQString(before.name), to = toQString(after.name);
  QStringList limits;
  for (const LimitOptions& limit : before.gate) limits << toQString(limit_text(limit)).toHtmlEscaped();
  const QString name =
      limits.isEmpty() ? tr("Add a gate between %1 and %2").arg(from, to) : tr("Gate between %1 and %2").arg(from, to);
  m_hasGate = !limits.isEmpty();
  m_gate->setAutoRaise(!m_hasGate);
  showIcon();
  m_gate->setAccessibleName(name);
  m_gate->setAccessibleDescription(limits.join(QStringLiteral(", ")));
  m_gate->setToolTip(QStringLiteral("<p>%1</p>").arg((QStringList{name} + limits).join(QStringLiteral("<br>"))));
}

// Coloured and framed where there is one.
void StageArrow::showIcon() {
  m_gate->setIcon(theme::iconPixmap(QStringLiteral("gate"), m_hasGate ? theme::accent() : theme::mutedText(),
                                    theme::iconSize, devicePixelRatioF()));
}

void StageArrow::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange) showIcon();
}

void StageArrow::setDown(bool down) {
  m_down = down;
  if (down) {
    setFixedSize(theme::iconSize + theme::gapSmall + m_gate->width(), m_gate->height());
    m_gate->move(theme::iconSize + theme::gapSmall, 0);
  } else {
    const int below = theme::cardPadding + theme::iconSize + theme::gapSmall;
    setFixedSize(theme::gapPage, below + m_gate->height());
    m_gate->move((width() - m_gate->width()) / 2, below);
  }
  update();
}

void StageArrow::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const QString icon = m_down ? QStringLiteral("chevron-down") : QStringLiteral("arrow-right");
  const QPointF place = m_down ? QPointF(0, (height() - theme::iconSize) / 2.0)
                               : QPointF((width() - theme::iconSize) / 2.0, theme::cardPadding + 4);
  painter.drawPixmap(place, theme::iconPixmap(icon, theme::mutedText(), theme::iconSize, devicePixelRatioF()));
}

}  // namespace llavakd
