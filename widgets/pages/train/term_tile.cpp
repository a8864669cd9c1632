// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/train/term_tile.h"

#include <QPainter>
#include <algorithm>
#include <cmath>
#include <utility>

#include "widgets/charts/sparkline.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/theme.h"

namespace llavakd {
namespace {

constexpr double trendShare = 0.1;
constexpr int trendDigits = 3;
constexpr std::size_t courseColumns = 100;
constexpr int lineSampleWidth = 20, tilePadding = theme::gap, leastTileWidth = 84;

}  // namespace

TermTile::TermTile(QString term, QString label, QWidget* parent)
    : QAbstractButton(parent), m_term(std::move(term)), m_label(std::move(label)) {
  setCheckable(true);
  setFocusPolicy(Qt::StrongFocus);
  setAttribute(Qt::WA_Hover);
  setCursor(Qt::PointingHandCursor);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  setAccessibleName(m_label);
}

void TermTile::setSeries(const HistorySeries& series, const QString& stage) {
  m_last = series.last();
  m_absence = series.hasBegun() && !m_last ? tr("not in %1").arg(stage) : QString();
  m_trend = series.trend(trendShare);
  // Equal stretches of steps: a line of their means, in a band from their smallest to their largest value. One without
  // the term leaves its place empty.
  m_course.clear();
  m_ranges.clear();
  const std::size_t columns = std::min(courseColumns, series.size());
  for (std::size_t column = 0; column < columns; ++column) {
    const std::size_t first = series.size() * column / columns, last = series.size() * (column + 1) / columns;
    m_course.push_back(series.mean(first, last).value_or(NAN));
    m_ranges.push_back(series.extremes(first, last).value_or(std::pair<double, double>(NAN, NAN)));
  }
  setAccessibleDescription(valueText() + QStringLiteral(", ") + trendText());
  const QString meaning =
      m_absence.isEmpty()
          ? tr("%1 (%2): now %3. %4: mean of the last tenth of this stage's steps minus the mean of the tenth before.")
                .arg(m_label, m_term, valueText(), trendText())
          : tr("%1 (%2): the stage %3 has no such term.").arg(m_label, m_term, stage);
  setToolTip(meaning + QLatin1Char('\n') + tr("Click: this line alone; click again: all lines."));
  update();
}

QString TermTile::valueText() const {
  return m_last ? theme::number(*m_last) : QStringLiteral("–");
}

QString TermTile::trendText() const {
  return m_absence.isEmpty() ? trendWith(trendDigits) : m_absence;
}

QString TermTile::trendWith(int digits) const {
  if (!m_trend) return {};
  const QString arrow = *m_trend < 0 ? QStringLiteral("↓") : *m_trend > 0 ? QStringLiteral("↑") : QStringLiteral("→");
  return arrow + QLatin1Char(' ') + theme::roundedNumber(std::abs(*m_trend), digits);
}

// On a narrow tile fewer digits, then the arrow alone, rather than a number that runs into the other.
QString TermTile::shownTrend(int room) const {
  const QFontMetrics metrics(theme::numberFont(theme::Size::caption));
  const auto fits = [&](const QString& text) {
    return metrics.horizontalAdvance(text) <= room;
  };
  if (!m_absence.isEmpty()) return fits(m_absence) ? m_absence : QString();
  for (int digits = trendDigits; digits > 0; --digits)
    if (const QString text = trendWith(digits); fits(text)) return text;
  const QString arrow = trendWith(1).left(1);
  return fits(arrow) ? arrow : QString();
}

QString TermTile::shownLabel(int room) const {
  const QFontMetrics metrics(theme::font(theme::Size::caption));
  const QString word = m_label.section(QLatin1Char(' '), -1);
  for (const QString& text : {m_label, word})
    if (metrics.horizontalAdvance(text) <= room) return text;
  return metrics.elidedText(word, Qt::ElideRight, room);
}

QSize TermTile::sizeHint() const {
  return {176, minimumSizeHint().height()};
}

QSize TermTile::minimumSizeHint() const {
  const int caption = QFontMetrics(theme::font(theme::Size::caption)).height();
  const int value = QFontMetrics(theme::numberFont(theme::Size::title)).height();
  return {leastTileWidth, 2 * tilePadding + caption + theme::gapTiny + std::max(value, caption) + theme::gapTiny + 24};
}

void TermTile::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(theme::border());
  painter.setBrush(theme::card());
  painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), theme::radius, theme::radius);
  if (isChecked() || underMouse()) {
    QColor tint = isChecked() ? theme::accent() : theme::text();
    tint.setAlphaF(isChecked() ? 0.12f : 0.04f);
    painter.setPen(isChecked() ? QPen(theme::accent(), 1) : QPen(Qt::NoPen));
    painter.setBrush(tint);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), theme::radius, theme::radius);
  }
  if (hasFocus()) {
    painter.setPen(QPen(theme::accent(), 2));
    painter.setBrush(Qt::NoBrush);
    painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), theme::radius, theme::radius);
  }

  const QFont captionFont = theme::font(theme::Size::caption);
  const QFontMetrics caption(captionFont);
  const QRect inside = rect().adjusted(tilePadding, tilePadding, -tilePadding, -tilePadding);
  const QPen pen = theme::termPen(m_term.toStdString());
  painter.setPen(pen);
  const double middle = inside.top() + caption.height() / 2.0;
  painter.drawLine(QPointF(inside.left(), middle), QPointF(inside.left() + lineSampleWidth, middle));
  painter.setFont(captionFont);
  painter.setPen(theme::mutedText());
  const int textLeft = inside.left() + lineSampleWidth + theme::gapSmall;
  painter.drawText(QRect(textLeft, inside.top(), inside.right() - textLeft, caption.height()), Qt::AlignVCenter,
                   shownLabel(inside.right() - textLeft));

  const QFont valueFont = theme::numberFont(theme::Size::title);
  const QFontMetrics value(valueFont);
  const QRect row(inside.left(), inside.top() + caption.height() + theme::gapTiny, inside.width(), value.height());
  painter.setFont(valueFont);
  painter.setPen(theme::text());
  painter.drawText(row, Qt::AlignLeft | Qt::AlignVCenter, valueText());
  painter.setFont(theme::numberFont(theme::Size::caption));
  painter.setPen(theme::mutedText());
  painter.drawText(row, Qt::AlignRight | Qt::AlignVCenter,
                   shownTrend(row.width() - value.horizontalAdvance(valueText()) - theme::gapSmall));

  const QRectF course(inside.left(), row.bottom() + theme::gapTiny, inside.width(), inside.bottom() - row.bottom());
  QPen thin = pen;
  thin.setWidthF(1);
  thin.setStyle(Qt::SolidLine);  // a pattern would vanish in so small a line; the sample above says the style
  paintSparkline(painter, course, m_course, thin, -1, m_ranges);
}

}  // namespace llavakd
