// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/train/phase_bar.h"

#include <QHelpEvent>
#include <QPainter>
#include <QPainterPath>
#include <QToolTip>
#include <algorithm>

#include "widgets/document/conversions.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/theme.h"

namespace llavakd {
namespace {

constexpr int phaseBarHeight = 12, sampleSize = 10;

QString labelOf(const std::string& phase) {
  if (phase == "vision") return PhaseBar::tr("Vision tower");
  if (phase == "teacher") return PhaseBar::tr("Teacher");
  if (phase == "student") return PhaseBar::tr("Student");
  if (phase == "loss") return PhaseBar::tr("Loss");
  if (phase == "backward") return PhaseBar::tr("Backward");
  if (phase == "optimizer") return PhaseBar::tr("Optimizer");
  if (phase == "waiting") return PhaseBar::tr("Waiting for data");
  if (phase == "other") return PhaseBar::tr("Other");
  return toQString(phase);
}

QString entryOf(const StepProfile::Phase& phase) {
  const double percent = 100 * phase.share;
  const QString number = percent < 1 ? QStringLiteral("< 1") : theme::wholeNumber(qRound(percent));
  return QStringLiteral("%1 %2\u202f%").arg(labelOf(phase.name), number);
}

int lineHeight() {
  return QFontMetrics(theme::numberFont(theme::Size::caption)).height() + theme::gapTiny;
}

}  // namespace

PhaseBar::PhaseBar(QWidget* parent) : QWidget(parent) {
  QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  policy.setHeightForWidth(true);
  setSizePolicy(policy);
  setAccessibleName(tr("Where a step's time goes"));
  setProfile({});
}

void PhaseBar::setProfile(const StepProfile& profile) {
  m_phases = profile.phases();
  if (!m_phases.empty())
    m_text =
        tr("%1: %2 s a step, mean of the newest %3")
            .arg(toQString(profile.stage()), theme::number(profile.seconds()), theme::wholeNumber(profile.steps()));
  else
    m_text = profile.lacks_phases() ? tr("The events of this run don't tell where a step's time went.")
                                    : tr("Where a step's time goes shows here, from the first step on.");
  setAccessibleDescription(m_phases.empty() ? m_text
                                            : m_text + QStringLiteral(". ") + entries().join(QStringLiteral(", ")));
  updateGeometry();
  update();
}

QStringList PhaseBar::entries() const {
  QStringList entries;
  for (const auto& phase : m_phases) entries << entryOf(phase);
  return entries;
}

QRectF PhaseBar::barArea() const {
  return {0, double(lineHeight()), double(width()), phaseBarHeight};
}

std::vector<QRect> PhaseBar::legendCells(int width) const {
  const QFontMetrics metrics(theme::numberFont(theme::Size::caption));
  std::vector<QRect> cells;
  int x = 0, y = lineHeight() + phaseBarHeight + theme::gapTiny;
  for (const QString& entry : entries()) {
    const int needed = sampleSize + theme::gapTiny + metrics.horizontalAdvance(entry);
    if (x > 0 && x + needed > width) x = 0, y += lineHeight();
    cells.emplace_back(x, y, needed, lineHeight());
    x += needed + theme::gapLarge;
  }
  return cells;
}

int PhaseBar::heightForWidth(int width) const {
  // One line of the legend is kept free while there is none, so that nothing jumps when the first step arrives.
  const auto cells = legendCells(width);
  const int legendEnd = cells.empty() ? 2 * lineHeight() + phaseBarHeight + theme::gapTiny : cells.back().bottom() + 1;
  return legendEnd + theme::gapTiny;
}

bool PhaseBar::event(QEvent* event) {
  if (event->type() != QEvent::ToolTip) return QWidget::event(event);
  const auto* help = static_cast<QHelpEvent*>(event);
  const auto cells = legendCells(width());
  const QRectF bar = barArea();
  double left = bar.left();
  for (std::size_t i = 0; i < m_phases.size(); ++i) {
    const QRectF part(left, bar.top(), bar.width() * m_phases[i].share, bar.height());
    left = part.right();
    if (!part.contains(help->pos()) && !cells[i].contains(help->pos())) continue;
    QToolTip::showText(help->globalPos(),
                       tr("%1: %2 s of a step").arg(entryOf(m_phases[i]), theme::number(m_phases[i].seconds)), this);
    return true;
  }
  QToolTip::hideText();
  return true;
}

void PhaseBar::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setFont(theme::numberFont(theme::Size::caption));
  painter.setPen(theme::mutedText());
  painter.drawText(QRect(0, 0, width(), lineHeight()), Qt::AlignLeft | Qt::AlignVCenter,
                   painter.fontMetrics().elidedText(m_text, Qt::ElideRight, width()));

  const QRectF bar = barArea();
  QPainterPath round;
  round.addRoundedRect(bar, theme::gapTiny, theme::gapTiny);
  painter.setClipPath(round);
  QColor ground = theme::text();
  ground.setAlphaF(0.08f);
  painter.fillRect(bar, ground);
  const double room = bar.width();
  double left = bar.left();
  for (const auto& phase : m_phases) {
    const double right = left + room * phase.share;
    // A hair of the ground between two parts tells them apart without colours.
    const QRectF part(left, bar.top(), std::max(0.5, right - left - 1), bar.height());
    painter.fillRect(part, theme::phaseColor(phase.name));
    painter.fillRect(part, theme::phasePattern(phase.name));
    left = right;
  }
  painter.setClipping(false);

  const auto cells = legendCells(width());
  for (std::size_t i = 0; i < m_phases.size(); ++i) {
    const QRect& cell = cells[i];
    const QRectF sample(cell.left(), cell.center().y() - sampleSize / 2.0 + 1, sampleSize, sampleSize);
    painter.fillRect(sample, theme::phaseColor(m_phases[i].name));
    painter.fillRect(sample, theme::phasePattern(m_phases[i].name));
    painter.setPen(theme::text());
    painter.drawText(cell.adjusted(sampleSize + theme::gapTiny, 0, 1, 0), Qt::AlignLeft | Qt::AlignVCenter,
                     entryOf(m_phases[i]));
  }
}

}  // namespace llavakd
