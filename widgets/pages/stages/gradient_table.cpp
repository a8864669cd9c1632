// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/stages/gradient_table.h"

#include <QHelpEvent>
#include <QPainter>
#include <QStyleOptionFocusRect>
#include <QToolTip>
#include <algorithm>
#include <cmath>

#include "core/image/maps.h"
#include "core/project/term_catalog.h"
#include "widgets/document/conversions.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/theme.h"

namespace llavakd {
namespace {

constexpr int swatchWidth = 20, labelLeft = swatchWidth + theme::gapTiny, leastLabel = labelLeft + 48, leastBar = 40;
constexpr double paleOpacity = 0.4;

QString percent(double share) {
  if (!std::isfinite(share)) return QStringLiteral("–");
  const double rounded = std::round(1000 * share) / 10;
  return GradientTable::tr("%1 %").arg(theme::fixedNumber(rounded == 0 ? 0 : rounded, 1));  // no "−0.0"
}

QString norm(double value) {
  return std::isfinite(value) ? theme::roundedNumber(value, 3) : QStringLiteral("–");
}

QString cosine(double value) {
  return std::isfinite(value) ? theme::signedNumber(value, 2) : QStringLiteral("–");
}

QColor cosineColor(double value) {
  const QColor middle = theme::noDifference();
  const ColourScale scale{
      Palette::diverging, -1, 1, {uint8_t(middle.red()), uint8_t(middle.green()), uint8_t(middle.blue())}};
  const Rgb colour = colour_of(std::clamp(value, -1.0, 1.0), scale);
  return {colour.red, colour.green, colour.blue};
}

// What is read best on the colour.
QColor inkOn(const QColor& ground) {
  const double light = 0.299 * ground.redF() + 0.587 * ground.greenF() + 0.114 * ground.blueF();
  return light > 0.5 ? theme::outlineDark() : theme::outlineLight();
}

// Room for the widest of some texts.
int roomFor(const QFontMetrics& metrics, const QStringList& texts) {
  int widest = 0;
  for (const QString& text : texts) widest = std::max(widest, metrics.horizontalAdvance(text));
  return widest + theme::gapSmall;
}

int shareWidth(const QFontMetrics& metrics) {
  return roomFor(metrics, {GradientTable::tr("Share"), QStringLiteral("−100.0 %")});
}

int normWidth(const QFontMetrics& metrics) {
  return roomFor(metrics, {GradientTable::tr("Norm"), QStringLiteral("0.00123")});
}

int termCellWidth(const QFontMetrics& metrics) {
  return roomFor(metrics, {QStringLiteral("−0.00")});
}

}  // namespace

GradientTable::GradientTable(QWidget* parent) : QWidget(parent) {
  setFont(theme::numberFont(theme::Size::caption));
  setFocusPolicy(Qt::TabFocus);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  setAccessibleName(tr("Shares and cosines of the terms' gradients"));
}

void GradientTable::setGradients(const std::vector<std::string>& terms, const std::vector<double>& products,
                                 const std::vector<double>& weights) {
  m_terms = terms;
  m_norms = gradient_norms(products);
  m_cosines = gradient_cosines(products);
  m_weights = weights;
  m_shares = gradient_shares(products, weights);
  setAccessibleDescription(described());
  updateGeometry();
  update();
}

void GradientTable::setOutdated(bool outdated) {
  m_outdated = outdated;
  update();
}

QString GradientTable::label(int term) const {
  const TermInfo* info = term_info(m_terms[size_t(term)]);
  return info ? toQString(info->label) : toQString(m_terms[size_t(term)]);
}

QString GradientTable::described() const {
  QStringList sentences;
  const int count = int(m_terms.size());
  for (int term = 0; term < count; ++term)
    sentences << tr("%1: %2 of the gradient, norm %3.")
                     .arg(label(term), percent(m_shares.shares[size_t(term)]), norm(m_norms[size_t(term)]));
  for (int row = 0; row < count; ++row)
    for (int column = row + 1; column < count; ++column)
      sentences << tr("Cosine of %1 and %2: %3.")
                       .arg(label(row), label(column), cosine(m_cosines[size_t(row * count + column)]));
  return sentences.join(QLatin1Char(' '));
}

int GradientTable::rowHeight() const {
  return fontMetrics().height() + theme::gapSmall;
}

// What the numbers need at least, right of the labels.
int GradientTable::numbersWidth() const {
  const QFontMetrics metrics = fontMetrics();
  return std::max(leastBar + shareWidth(metrics) + normWidth(metrics), int(m_terms.size()) * termCellWidth(metrics));
}

// Names are shortened where a card is narrow; the tooltip has them whole.
int GradientTable::labelWidth() const {
  int widest = 0;
  for (int term = 0; term < int(m_terms.size()); ++term)
    widest = std::max(widest, fontMetrics().horizontalAdvance(label(term)));
  const int whole = labelLeft + widest + theme::gapSmall;
  return std::clamp(whole, leastLabel, std::max(leastLabel, width() - numbersWidth()));
}

QRect GradientTable::shareRow(int term) const {
  return {0, (term + 1) * rowHeight(), width(), rowHeight()};
}

QRect GradientTable::cosineCell(int row, int column) const {
  const int count = int(m_terms.size()), left = labelWidth();
  const int top = (count + 2) * rowHeight() + theme::gapSmall;
  const int from = left + (width() - left) * column / count, to = left + (width() - left) * (column + 1) / count;
  return {from, top + row * rowHeight(), to - from, rowHeight()};
}

QSize GradientTable::minimumSizeHint() const {
  return {leastLabel + numbersWidth(), (2 * int(m_terms.size()) + 2) * rowHeight() + theme::gapSmall};
}

QSize GradientTable::sizeHint() const {
  return minimumSizeHint();
}

void GradientTable::paintEvent(QPaintEvent*) {
  if (m_terms.empty()) return;
  QPainter painter(this);
  if (m_outdated) painter.setOpacity(paleOpacity);
  paintShares(painter);
  paintCosines(painter);
  if (!hasFocus()) return;
  painter.setOpacity(1);
  painter.setPen(QPen(theme::accent(), 1, Qt::DotLine));
  painter.drawRect(rect().adjusted(0, 0, -1, -1));
}

void GradientTable::paintLabel(QPainter& painter, const QRect& row, int term) const {
  const int middle = row.center().y();
  painter.setPen(theme::termPen(m_terms[size_t(term)], 2.5));
  painter.drawLine(0, middle, swatchWidth, middle);
  painter.setPen(m_weights[size_t(term)] > 0 ? theme::text() : theme::mutedText());
  const QRect text(labelLeft, row.top(), labelWidth() - labelLeft - theme::gapTiny, row.height());
  painter.drawText(text, Qt::AlignVCenter | Qt::AlignLeft,
                   fontMetrics().elidedText(label(term), Qt::ElideRight, text.width()));
}

// From the zero line to the right, or to the left where a term pulls against the total.
void GradientTable::paintShares(QPainter& painter) const {
  const QFontMetrics metrics = fontMetrics();
  const int normColumn = normWidth(metrics), shareColumn = shareWidth(metrics);
  const QRect bars(labelWidth(), rowHeight(), width() - labelWidth() - normColumn - shareColumn,
                   int(m_terms.size()) * rowHeight());
  double low = 0, high = 1;
  for (const double share : m_shares.shares) {
    if (!std::isfinite(share)) continue;
    low = std::min(low, share);
    high = std::max(high, share);
  }
  const double scale = bars.width() / (high - low), zero = bars.left() - low * scale;
  const QRect head(0, 0, width(), rowHeight());
  painter.setPen(theme::mutedText());
  painter.drawText(head.adjusted(0, 0, -normColumn, 0), Qt::AlignVCenter | Qt::AlignRight, tr("Share"));
  painter.drawText(head, Qt::AlignVCenter | Qt::AlignRight, tr("Norm"));
  painter.drawText(head, Qt::AlignVCenter | Qt::AlignLeft, tr("Of the gradient"));
  for (int term = 0; term < int(m_terms.size()); ++term) {
    const QRect row = shareRow(term);
    paintLabel(painter, row, term);
    const double share = m_shares.shares[size_t(term)];
    if (std::isfinite(share)) {
      const QRectF bar(zero + std::min(0.0, share) * scale, row.top() + theme::gapTiny, std::abs(share) * scale,
                       row.height() - 2 * theme::gapTiny);
      painter.fillRect(bar, theme::termColor(m_terms[size_t(term)]));
    }
    painter.setPen(theme::text());
    painter.drawText(row.adjusted(0, 0, -normColumn, 0), Qt::AlignVCenter | Qt::AlignRight, percent(share));
    painter.setPen(theme::mutedText());
    painter.drawText(row, Qt::AlignVCenter | Qt::AlignRight, norm(m_norms[size_t(term)]));
  }
  painter.setPen(theme::fieldBorder());
  painter.drawLine(QPointF(zero, bars.top()), QPointF(zero, bars.bottom()));
}

void GradientTable::paintCosines(QPainter& painter) const {
  const int count = int(m_terms.size());
  const QRect head(0, cosineCell(0, 0).top() - rowHeight(), width(), rowHeight());
  painter.setPen(theme::mutedText());
  painter.drawText(head, Qt::AlignVCenter | Qt::AlignLeft, tr("Cosine"));
  for (int column = 0; column < count; ++column) {
    const QPointF middle = QRectF(cosineCell(0, column).translated(0, -rowHeight())).center();
    painter.setPen(theme::termPen(m_terms[size_t(column)], 2.5));
    painter.drawLine(middle - QPointF(swatchWidth / 2.0, 0), middle + QPointF(swatchWidth / 2.0, 0));
  }
  for (int row = 0; row < count; ++row) {
    paintLabel(painter, {0, cosineCell(row, 0).top(), labelWidth(), rowHeight()}, row);
    for (int column = 0; column < count; ++column) {
      const QRect cell = cosineCell(row, column).adjusted(1, 1, -1, -1);
      const double value = m_cosines[size_t(row * count + column)];
      const bool isColoured = row != column && std::isfinite(value);
      if (isColoured) painter.fillRect(cell, cosineColor(value));
      painter.setPen(isColoured ? inkOn(cosineColor(value)) : theme::mutedText());
      painter.drawText(cell, Qt::AlignCenter, row == column ? QStringLiteral("1") : cosine(value));
    }
  }
}

bool GradientTable::event(QEvent* event) {
  if (event->type() != QEvent::ToolTip || m_terms.empty()) return QWidget::event(event);
  const auto* help = static_cast<QHelpEvent*>(event);
  const int count = int(m_terms.size());
  QString text;
  for (int row = 0; row < count; ++row) {
    if (shareRow(row).contains(help->pos()))
      text = tr("%1 has %2 of the total's squared gradient. Its own gradient, at weight 1, has norm %3 and a cosine of "
                "%4 with the total's.")
                 .arg(label(row), percent(m_shares.shares[size_t(row)]), norm(m_norms[size_t(row)]),
                      cosine(m_shares.cosines[size_t(row)]));
    for (int column = 0; column < count; ++column)
      if (row != column && cosineCell(row, column).contains(help->pos()))
        text = tr("The gradients of %1 and %2 have a cosine of %3: 1 is the same way, 0 at right angles, −1 against "
                  "each other.")
                   .arg(label(row), label(column), cosine(m_cosines[size_t(row * count + column)]));
  }
  text.isEmpty() ? QToolTip::hideText() : QToolTip::showText(help->globalPos(), text, this);
  return true;
}

}  // namespace llavakd
