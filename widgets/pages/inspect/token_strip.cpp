// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/inspect/token_strip.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <algorithm>
#include <cmath>

#include "widgets/shared/pictures.h"
#include "widgets/theme/theme.h"

namespace llavakd {
namespace {

constexpr int bandHeight = 8, leastStripHeight = 96, widestBar = 40;

}  // namespace

TokenStrip::TokenStrip(QWidget* parent) : QWidget(parent) {
  setFont(theme::font(theme::Size::caption));
  setFocusPolicy(Qt::StrongFocus);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
  setAccessibleName(tr("How far the models' next tokens are apart at each position"));
  setToolTip(tr("Click a position, or move by arrow keys, for what both models expect after it."));
}

QSize TokenStrip::sizeHint() const {
  return {400, 2 * leastStripHeight};
}

QSize TokenStrip::minimumSizeHint() const {
  return {160, leastStripHeight};
}

void TokenStrip::setTokens(std::vector<ProbeToken> tokens, const QString& why) {
  m_tokens = std::move(tokens);
  m_why = why;
  m_most = 0;
  for (const ProbeToken& token : m_tokens)
    if (std::isfinite(token.divergence)) m_most = std::max(m_most, token.divergence);
  if (m_chosen >= int(m_tokens.size())) m_chosen = -1;
  placeBars();
  update();
}

void TokenStrip::setChosen(int position) {
  m_chosen = position >= 0 && position < int(m_tokens.size()) ? position : -1;
  update();
}

QRectF TokenStrip::plot() const {
  const int axis = fontMetrics().horizontalAdvance(theme::number(m_most)) + theme::gapSmall;
  return QRectF(axis, 2, std::max(1, width() - axis - 2), std::max(1, height() - bandHeight - theme::gapTiny - 4));
}

// A picture has hundreds of positions and a question a dozen: were all bars of one width, the words couldn't be seen.
void TokenStrip::placeBars() {
  const auto texts = std::ranges::count(m_tokens, -1, &ProbeToken::visual);
  const double width = plot().width(), all = double(m_tokens.size()), visual = all - double(texts);
  const double even = all > 0 ? width / all : 0;
  const double ofText = texts > 0 ? std::min(std::max(even, width / 2 / double(texts)), double(widestBar)) : 0;
  const double ofVisual = visual > 0 ? std::min((width - ofText * double(texts)) / visual, double(widestBar)) : 0;
  m_edges.assign(1, plot().left());
  for (const ProbeToken& token : m_tokens) m_edges.push_back(m_edges.back() + (token.visual < 0 ? ofText : ofVisual));
}

QPointF TokenStrip::positionOf(int position) const {
  const auto at = std::size_t(position);
  return {(m_edges[at] + m_edges[at + 1]) / 2, plot().center().y()};
}

int TokenStrip::positionAt(double x) const {
  if (m_tokens.empty()) return -1;
  const auto after = std::ranges::upper_bound(m_edges, x) - m_edges.begin();
  return std::clamp(int(after) - 1, 0, int(m_tokens.size()) - 1);
}

void TokenStrip::choose(int position) {
  if (m_tokens.empty()) return;
  position = std::clamp(position, 0, int(m_tokens.size()) - 1);
  if (position == m_chosen) return;
  setChosen(position);
  Q_EMIT chosenByUser(position);
}

void TokenStrip::resizeEvent(QResizeEvent*) {
  placeBars();
}

void TokenStrip::mousePressEvent(QMouseEvent* event) {
  if (event->button() == Qt::LeftButton) choose(positionAt(event->position().x()));
}

void TokenStrip::mouseMoveEvent(QMouseEvent* event) {
  if (event->buttons() & Qt::LeftButton) choose(positionAt(event->position().x()));
}

void TokenStrip::keyPressEvent(QKeyEvent* event) {
  switch (event->key()) {
    case Qt::Key_Left:
      return choose(m_chosen - 1);
    case Qt::Key_Right:
      return choose(m_chosen + 1);
    case Qt::Key_Home:
      return choose(0);
    case Qt::Key_End:
      return choose(int(m_tokens.size()) - 1);
    default:
      QWidget::keyPressEvent(event);
  }
}

void TokenStrip::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  if (m_tokens.empty()) {
    paintHatched(painter, plot(), m_why);
  } else {
    paintBars(painter);
    paintBand(painter);
    paintAxis(painter);
    paintChosen(painter);
  }
  if (!hasFocus()) return;
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(theme::accent(), 2));
  painter.drawRect(QRectF(rect()).adjusted(1, 1, -1, -1));
}

void TokenStrip::paintBars(QPainter& painter) const {
  const QRectF area = plot();
  painter.setPen(Qt::NoPen);
  for (std::size_t i = 0; i < m_tokens.size(); ++i) {
    const double value = m_tokens[i].divergence;
    const QRectF column(m_edges[i], area.top(), m_edges[i + 1] - m_edges[i], area.height());
    if (!std::isfinite(value)) {
      paintHatched(painter, column, {});
      continue;
    }
    const double height = m_most > 0 ? area.height() * value / m_most : 0;
    const double gap = column.width() > 4 ? 1 : 0;
    painter.fillRect(QRectF(column.left(), area.bottom() - height, column.width() - gap, height),
                     int(i) == m_chosen ? theme::accent() : theme::mutedText());
  }
}

void TokenStrip::paintBand(QPainter& painter) const {
  const double top = plot().bottom() + theme::gapTiny;
  for (std::size_t i = 0; i < m_tokens.size(); ++i) {
    const QRectF part(m_edges[i], top, m_edges[i + 1] - m_edges[i], bandHeight);
    const auto use = name(m_tokens[i].kind);
    painter.fillRect(part, theme::tokenColor(use));
    if (const QBrush pattern = theme::tokenPattern(use); pattern.style() != Qt::NoBrush)
      painter.fillRect(part, pattern);
  }
}

void TokenStrip::paintAxis(QPainter& painter) const {
  const QRectF area = plot();
  painter.setPen(theme::border());
  painter.drawLine(area.bottomLeft(), area.bottomRight());
  painter.setPen(theme::mutedText());
  const QRectF labels(0, area.top(), area.left() - theme::gapTiny, area.height());
  painter.drawText(labels, Qt::AlignRight | Qt::AlignTop, theme::number(m_most));
  painter.drawText(labels, Qt::AlignRight | Qt::AlignBottom, QStringLiteral("0"));
}

void TokenStrip::paintChosen(QPainter& painter) const {
  if (m_chosen < 0) return;
  const double middle = positionOf(m_chosen).x(), top = plot().bottom() + theme::gapTiny;
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Qt::NoPen);
  painter.setBrush(theme::accent());
  painter.drawPolygon(QPolygonF{QPointF(middle, top - 4), QPointF(middle - 5, top + 5), QPointF(middle + 5, top + 5)});
}

}  // namespace llavakd
