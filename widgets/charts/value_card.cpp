// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/value_card.h"

#include <QFontMetrics>
#include <QPainter>
#include <algorithm>

#include "widgets/charts/legend_entry.h"
#include "widgets/theme/theme.h"

namespace llavakd {
namespace {

constexpr int columnDot = 6;  // before a column's title

}  // namespace

ValueCard::ValueCard(QWidget* parent) : QWidget(parent) {
  setAttribute(Qt::WA_TransparentForMouseEvents);
  setFocusPolicy(Qt::NoFocus);
  hide();
}

void ValueCard::show(const QString& heading, const std::vector<ValueRow>& rows) {
  m_heading = heading;
  m_rows = rows;
  layOut();
  update();
  QWidget::show();
  raise();
}

QStringList ValueCard::columnTitles() const {
  const bool smoothed = std::ranges::any_of(m_rows, [](const ValueRow& row) { return !row.average.isEmpty(); });
  return smoothed ? QStringList{tr("value"), tr("average")} : QStringList();
}

void ValueCard::layOut() {
  const QFontMetrics names(theme::font(theme::Size::caption)), numbers(theme::numberFont(theme::Size::caption));
  m_nameWidth = m_valueWidth = m_averageWidth = 0;
  for (const auto& row : m_rows) {
    m_nameWidth = std::max(m_nameWidth, names.horizontalAdvance(row.name));
    m_valueWidth = std::max(m_valueWidth, numbers.horizontalAdvance(row.value));
    if (!row.average.isEmpty())
      m_averageWidth = std::max(m_averageWidth, numbers.horizontalAdvance(row.average) + theme::gap);
  }
  const QStringList titles = columnTitles();
  const auto widthOf = [&](const QString& title) {
    return columnDot + theme::gapTiny + names.horizontalAdvance(title);
  };
  if (!titles.isEmpty()) {
    m_valueWidth = std::max(m_valueWidth, widthOf(titles[0]));
    m_averageWidth = std::max(m_averageWidth, widthOf(titles[1]) + theme::gap);
  }
  const int line = names.height() + theme::gapTiny, lines = 1 + int(m_rows.size()) + (titles.isEmpty() ? 0 : 1);
  const int heading = names.horizontalAdvance(m_heading);
  const int width = legendSampleWidth + theme::gapSmall + m_nameWidth + theme::gapLarge + m_valueWidth + m_averageWidth;
  resize(std::max(width, heading) + 2 * theme::gap, line * lines + 2 * theme::gapSmall);
}

void ValueCard::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(theme::border());
  painter.setBrush(theme::card());
  painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), theme::radius, theme::radius);

  const QFont names = theme::font(theme::Size::caption), numbers = theme::numberFont(theme::Size::caption);
  const int line = QFontMetrics(names).height() + theme::gapTiny;
  int y = theme::gapSmall;
  const auto cell = [&](int x, int width) {
    return QRect(x, y, width, line);
  };
  painter.setFont(names);
  painter.setPen(theme::mutedText());
  painter.drawText(cell(theme::gap, width() - 2 * theme::gap), Qt::AlignVCenter | Qt::AlignLeft, m_heading);
  const int right = width() - theme::gap;
  // The crosshair's own signs: a dot is the value, a ring the average.
  const QStringList titles = columnTitles();
  if (!titles.isEmpty()) y += line;
  for (qsizetype column = 0; column < titles.size(); ++column) {
    const int end = column == 0 ? right - m_averageWidth : right;
    painter.setPen(theme::mutedText());
    painter.drawText(cell(theme::gap, end - theme::gap), Qt::AlignVCenter | Qt::AlignRight, titles[column]);
    const double x = end - QFontMetrics(names).horizontalAdvance(titles[column]) - theme::gapTiny - columnDot / 2.0;
    painter.setPen(QPen(theme::mutedText(), 1.5));
    painter.setBrush(column == 0 ? QBrush(theme::mutedText()) : QBrush(Qt::NoBrush));
    painter.drawEllipse(QPointF(x, y + line / 2.0), columnDot / 2.0 - 0.5, columnDot / 2.0 - 0.5);
  }
  for (const auto& row : m_rows) {
    y += line;
    painter.setPen(row.pen);
    painter.drawLine(QPointF(theme::gap, y + line / 2.0), QPointF(theme::gap + legendSampleWidth, y + line / 2.0));
    painter.setPen(theme::text());
    painter.setFont(names);
    painter.drawText(cell(theme::gap + legendSampleWidth + theme::gapSmall, m_nameWidth), Qt::AlignVCenter, row.name);
    painter.setFont(numbers);
    painter.drawText(cell(right - m_averageWidth - m_valueWidth, m_valueWidth), Qt::AlignVCenter | Qt::AlignRight,
                     row.value);
    painter.setPen(theme::mutedText());
    painter.drawText(cell(right - m_averageWidth, m_averageWidth), Qt::AlignVCenter | Qt::AlignRight, row.average);
  }
}

}  // namespace llavakd
