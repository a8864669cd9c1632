// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/data/segment_strip.h"

#include <QCoreApplication>
#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <array>

#include "core/project/term_catalog.h"
#include "widgets/document/conversions.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/theme.h"

namespace llavakd {
namespace {

constexpr int stripBarHeight = 24, useMarkSize = 14;
constexpr std::array allUses{TokenUse::visual, TokenUse::prompt, TokenUse::response, TokenUse::ignored};

void fillUse(QPainter& painter, const QRectF& area, TokenUse use) {
  painter.fillRect(area, theme::tokenColor(name(use)));
  const QBrush pattern = theme::tokenPattern(name(use));
  if (pattern.style() != Qt::NoBrush) painter.fillRect(area, pattern);
}

QString termLabelOf(const TermReading& reading) {
  const TermInfo* info = term_info(reading.term);
  return info != nullptr ? toQString(info->label) : toQString(reading.term);
}

QString countsText(const SampleTokens& tokens) {
  QStringList parts;
  for (const TokenUse use : allUses)
    parts << QStringLiteral("%1 %2").arg(theme::wholeNumber(tokens.count(use)), nameOfUse(use));
  return parts.join(QStringLiteral(", "));
}

}  // namespace

QString nameOfUse(TokenUse use) {
  switch (use) {
    case TokenUse::visual:
      return QCoreApplication::translate("TokenUse", "visual");
    case TokenUse::response:
      return QCoreApplication::translate("TokenUse", "response");
    case TokenUse::ignored:
      return QCoreApplication::translate("TokenUse", "ignored");
    case TokenUse::prompt:
      break;
  }
  return QCoreApplication::translate("TokenUse", "prompt");
}

SegmentStrip::SegmentStrip(QWidget* parent) : QWidget(parent) {
  setFont(theme::font(theme::Size::caption));
  setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
}

void SegmentStrip::setSample(const SampleOfModel& sample) {
  m_sample = sample;
  QStringList terms;
  for (const TermReading& reading : m_sample.terms)
    terms << tr("%1 reads %2 positions").arg(termLabelOf(reading), theme::wholeNumber(reading.count));
  setAccessibleName(tr("Segments: %1").arg(countsText(m_sample.tokens)));
  setAccessibleDescription(terms.join(QStringLiteral("; ")));
  updateGeometry();
  update();
}

int SegmentStrip::lineHeight() const {
  return fontMetrics().height() + theme::gapTiny;
}

int SegmentStrip::labelWidth() const {
  int widest = 0;
  for (const TermReading& reading : m_sample.terms)
    widest = std::max(widest, fontMetrics().horizontalAdvance(termLabelOf(reading)));
  return widest == 0 ? 0 : widest + theme::gapSmall;
}

QSize SegmentStrip::sizeHint() const {
  const auto terms = int(m_sample.terms.size());
  return {400, lineHeight() + theme::gapTiny + stripBarHeight + theme::gapTiny + (1 + terms) * lineHeight()};
}

QSize SegmentStrip::minimumSizeHint() const {
  return {200, sizeHint().height()};
}

QRectF SegmentStrip::barRect() const {
  const int left = labelWidth();
  const int right = m_sample.terms.empty() ? 0 : fontMetrics().horizontalAdvance(theme::wholeNumber(88888));
  return QRectF(left, lineHeight() + theme::gapTiny, std::max(1, width() - left - right), stripBarHeight);
}

double SegmentStrip::xOf(int64_t position) const {
  const QRectF bar = barRect();
  return bar.left() + bar.width() * double(position) / double(std::max<int64_t>(1, m_sample.tokens.length()));
}

void SegmentStrip::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  paintCounts(painter);
  paintBar(painter);
  paintLimit(painter);
  paintTerms(painter);
}

void SegmentStrip::paintCounts(QPainter& painter) const {
  double x = 0;
  for (const TokenUse use : allUses) {
    const QRectF mark(x, (fontMetrics().height() - useMarkSize) / 2.0, useMarkSize, useMarkSize);
    fillUse(painter, mark, use);
    painter.setPen(theme::border());
    painter.drawRect(mark);
    const QString text = QStringLiteral("%1 %2").arg(theme::wholeNumber(m_sample.tokens.count(use)), nameOfUse(use));
    painter.setPen(theme::text());
    painter.drawText(QPointF(x + useMarkSize + theme::gapTiny, fontMetrics().ascent()), text);
    x += useMarkSize + theme::gapTiny + fontMetrics().horizontalAdvance(text) + theme::gapLarge;
  }
}

void SegmentStrip::paintBar(QPainter& painter) const {
  const QRectF bar = barRect();
  for (const TokenRun& run : m_sample.tokens.runs) {
    const double left = xOf(run.begin), right = xOf(run.end);
    fillUse(painter, QRectF(left, bar.top(), right - left, bar.height()), run.use);
    // Neighbouring pictures are told apart.
    painter.setPen(theme::card());
    if (run.begin > 0 && right - left > 3) painter.drawLine(QPointF(left, bar.top()), QPointF(left, bar.bottom()));
  }
  painter.setPen(theme::border());
  painter.drawRect(bar.adjusted(0, 0, -1, 0));
}

void SegmentStrip::paintLimit(QPainter& painter) const {
  const QRectF bar = barRect();
  const double top = bar.bottom() + theme::gapTiny;
  painter.setPen(theme::mutedText());
  const QRectF below(bar.left(), top, bar.width(), fontMetrics().height());
  painter.drawText(below, Qt::AlignLeft, theme::wholeNumber(0));
  if (m_sample.tokens.count(TokenUse::ignored) == 0) {
    painter.drawText(below, Qt::AlignRight, tr("%1 tokens").arg(theme::wholeNumber(m_sample.tokens.length())));
    return;
  }
  const double x = xOf(m_sample.maxLength);
  const QString text = tr("max_length %1").arg(theme::wholeNumber(m_sample.maxLength));
  const double wide = fontMetrics().horizontalAdvance(text);
  painter.setPen(QPen(theme::text(), 2));
  painter.drawLine(QPointF(x, bar.top() - 3), QPointF(x, bar.bottom() + 3));
  painter.drawText(QPointF(std::clamp(x - wide / 2, bar.left(), std::max(bar.left(), bar.right() - wide)),
                           top + fontMetrics().ascent()),
                   text);
}

void SegmentStrip::paintTerms(QPainter& painter) const {
  const QRectF bar = barRect();
  double middle = bar.bottom() + theme::gapTiny + lineHeight() * 1.5;
  for (const TermReading& reading : m_sample.terms) {
    const QRectF row(0, middle - lineHeight() / 2.0, width(), lineHeight());
    painter.setPen(theme::text());
    painter.drawText(row, Qt::AlignLeft | Qt::AlignVCenter, termLabelOf(reading));
    painter.drawText(row, Qt::AlignRight | Qt::AlignVCenter, theme::wholeNumber(reading.count));
    painter.setPen(QPen(theme::border(), 1));
    painter.drawLine(QPointF(bar.left(), middle), QPointF(bar.right(), middle));
    QPen pen = theme::termPen(reading.term, 3);
    pen.setCapStyle(Qt::FlatCap);
    painter.setPen(pen);
    for (const Segment& read : reading.positions)
      painter.drawLine(QPointF(xOf(read.begin), middle), QPointF(std::max(xOf(read.end), xOf(read.begin) + 2), middle));
    middle += lineHeight();
  }
}

bool SegmentStrip::event(QEvent* event) {
  if (event->type() != QEvent::ToolTip) return QWidget::event(event);
  const auto* help = static_cast<QHelpEvent*>(event);
  const QRectF bar = barRect();
  QString text;
  for (const TokenRun& run : m_sample.tokens.runs)
    if (bar.contains(help->pos()) && help->pos().x() >= xOf(run.begin) && help->pos().x() < xOf(run.end))
      text = tr("%1: positions %2 to %3, %4 tokens")
                 .arg(nameOfUse(run.use), theme::wholeNumber(run.begin), theme::wholeNumber(run.end - 1),
                      theme::wholeNumber(run.size()));
  if (text.isEmpty())
    QToolTip::hideText();
  else
    QToolTip::showText(help->globalPos(), text, this);
  return true;
}

}  // namespace llavakd
