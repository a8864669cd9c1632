// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/data/token_flow.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <cmath>

#include "core/project/term_catalog.h"
#include "widgets/document/conversions.h"
#include "widgets/pages/data/segment_strip.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/theme.h"

namespace llavakd {
namespace {

constexpr int cellPadding = 3, cellGap = 2, useLine = 3;

// White space has no ink of its own.
QString inkOf(const QString& text) {
  QString ink = text;
  ink.replace(QLatin1Char('\n'), QChar(0x21B5));
  ink.replace(QLatin1Char('\t'), QChar(0x21E5));
  if (ink.trimmed().isEmpty()) ink.replace(QLatin1Char(' '), QChar(0x2423));
  return ink;
}

}  // namespace

TokenFlow::TokenFlow(QWidget* parent) : QWidget(parent) {
  setFocusPolicy(Qt::StrongFocus);
  setFont(theme::font(theme::Size::body));
  QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Minimum);
  policy.setHeightForWidth(true);
  setSizePolicy(policy);
}

void TokenFlow::setSample(const SampleOfModel& sample) {
  m_sample = sample;
  m_current = 0;
  makeCells();
  setAccessibleName(tr("Tokens: %1 cells").arg(theme::wholeNumber(cellCount())));
  setAccessibleDescription(m_cells.empty() ? QString() : describe(0));
  layOut(m_cells, width());
  updateGeometry();
  update();
}

void TokenFlow::makeCells() {
  m_cells.clear();
  const auto written = int64_t(m_sample.texts.size());
  for (const TokenRun& run : m_sample.tokens.runs) {
    if (m_sample.tokens.input_ids[size_t(run.begin)] == image_token_index) {
      m_cells.push_back(
          {run.use, run.begin, run.end, tr("picture · %1 tokens").arg(theme::wholeNumber(run.size())), true});
      continue;
    }
    for (int64_t i = run.begin; i < std::min(run.end, written); ++i) {
      const QString text = inkOf(m_sample.texts[size_t(i)]);
      m_cells.push_back({run.use, i, i + 1, text.isEmpty() ? m_sample.pieces[size_t(i)] : text, false});
    }
    const int64_t first = std::max(run.begin, written);
    if (first < run.end)
      m_cells.push_back(
          {run.use, first, run.end, tr("%1 more tokens").arg(theme::wholeNumber(run.end - first)), false});
  }
}

int TokenFlow::layOut(std::vector<Cell>& cells, int width) const {
  const int high = fontMetrics().height() + 2 * cellPadding + useLine;
  int x = 0, y = 0;
  for (Cell& cell : cells) {
    const int wide = std::max(fontMetrics().horizontalAdvance(cell.text), 4) + 2 * cellPadding;
    if (x > 0 && x + wide > width) {
      x = 0;
      y += high + cellGap;
    }
    cell.rect = QRect(x, y, std::min(wide, std::max(1, width)), high);
    x += wide + cellGap;
  }
  return cells.empty() ? 0 : y + high;
}

int TokenFlow::heightForWidth(int width) const {
  std::vector<Cell> cells = m_cells;
  return std::max(layOut(cells, width), theme::compactRowHeight);
}

QSize TokenFlow::sizeHint() const {
  return {400, heightForWidth(std::max(width(), 200))};
}

void TokenFlow::resizeEvent(QResizeEvent*) {
  layOut(m_cells, width());
}

void TokenFlow::paintEvent(QPaintEvent* event) {
  QPainter painter(this);
  for (int i = 0; i < cellCount(); ++i)
    if (m_cells[size_t(i)].rect.intersects(event->rect()))
      paintCell(painter, m_cells[size_t(i)], i == m_current && hasFocus());
}

void TokenFlow::paintCell(QPainter& painter, const Cell& cell, bool current) const {
  const QColor colour = theme::tokenColor(name(cell.use));
  QColor ground = colour;
  ground.setAlphaF(cell.use == TokenUse::prompt ? 0.08F : 0.2F);
  painter.fillRect(cell.rect, ground);
  const QRect line(cell.rect.left(), cell.rect.bottom() + 1 - useLine, cell.rect.width(), useLine);
  painter.fillRect(line, colour);
  const QBrush pattern = theme::tokenPattern(name(cell.use));
  if (pattern.style() != Qt::NoBrush) painter.fillRect(line, pattern);
  QFont font = theme::font(theme::Size::body);
  font.setStrikeOut(cell.use == TokenUse::ignored && !cell.picture);
  font.setItalic(cell.picture);
  painter.setFont(font);
  painter.setPen(cell.use == TokenUse::ignored ? theme::mutedText() : theme::text());
  painter.drawText(cell.rect.adjusted(cellPadding, 0, -cellPadding, -useLine), Qt::AlignVCenter | Qt::AlignLeft,
                   fontMetrics().elidedText(cell.text, Qt::ElideRight, cell.rect.width() - 2 * cellPadding + 2));
  if (!current) return;
  painter.setPen(QPen(theme::accent(), 2));
  painter.drawRect(cell.rect.adjusted(1, 1, -1, -1));
}

QString TokenFlow::readersOf(int64_t position) const {
  QStringList readers;
  for (const TermReading& reading : m_sample.terms) {
    const bool reads = std::ranges::any_of(
        reading.positions, [&](const Segment& read) { return read.begin <= position && position < read.end; });
    const TermInfo* info = term_info(reading.term);
    if (reads && info != nullptr) readers << toQString(info->label);
  }
  return readers.join(QStringLiteral(", "));
}

QString TokenFlow::pieceOf(const Cell& cell) const {
  const bool written = !cell.picture && size_t(cell.begin) < m_sample.pieces.size();
  return written ? m_sample.pieces[size_t(cell.begin)] : cell.text;
}

QString TokenFlow::describe(int cell) const {
  const Cell& shown = m_cells[size_t(cell)];
  const QString use = nameOfUse(shown.use);
  const QString readers = readersOf(shown.begin);
  const QString read = readers.isEmpty() ? tr("no term reads here") : tr("read here by %1").arg(readers);
  if (shown.end - shown.begin > 1)
    return tr("Positions %1 to %2 · %3 · %4")
        .arg(theme::wholeNumber(shown.begin), theme::wholeNumber(shown.end - 1), use, read);
  return tr("Position %1 · id %2 · “%3” · %4 · %5")
      .arg(theme::wholeNumber(shown.begin), QString::number(m_sample.tokens.input_ids[size_t(shown.begin)]),
           pieceOf(shown), use, read);
}

int TokenFlow::cellAt(const QPoint& point) const {
  const auto found = std::ranges::find_if(m_cells, [&](const Cell& cell) { return cell.rect.contains(point); });
  return found == m_cells.end() ? -1 : int(found - m_cells.begin());
}

void TokenFlow::setCurrentCell(int cell) {
  if (m_cells.empty()) return;
  cell = std::clamp(cell, 0, cellCount() - 1);
  m_current = cell;
  setAccessibleDescription(describe(cell));
  update();
  Q_EMIT currentCellChanged(cell);
}

// The cell of another line that is nearest to this one's middle.
int TokenFlow::cellBelow(int lines) const {
  const QRect here = m_cells[size_t(m_current)].rect;
  const int wanted = here.top() + lines * (here.height() + cellGap);
  int nearest = m_current, distance = -1;
  for (int i = 0; i < cellCount(); ++i) {
    const QRect& rect = m_cells[size_t(i)].rect;
    const int away = std::abs(rect.center().x() - here.center().x());
    if (rect.top() == wanted && (distance < 0 || away < distance)) nearest = i, distance = away;
  }
  return nearest;
}

void TokenFlow::keyPressEvent(QKeyEvent* event) {
  if (m_cells.empty()) return QWidget::keyPressEvent(event);
  if (event->matches(QKeySequence::Copy)) return copyAll();
  switch (event->key()) {
    case Qt::Key_Left:
      return setCurrentCell(m_current - 1);
    case Qt::Key_Right:
      return setCurrentCell(m_current + 1);
    case Qt::Key_Up:
      return setCurrentCell(cellBelow(-1));
    case Qt::Key_Down:
      return setCurrentCell(cellBelow(1));
    case Qt::Key_Home:
      return setCurrentCell(0);
    case Qt::Key_End:
      return setCurrentCell(cellCount() - 1);
    default:
      QWidget::keyPressEvent(event);
  }
}

void TokenFlow::mousePressEvent(QMouseEvent* event) {
  const int cell = cellAt(event->pos());
  if (cell >= 0) setCurrentCell(cell);
}

bool TokenFlow::event(QEvent* event) {
  if (event->type() != QEvent::ToolTip) return QWidget::event(event);
  const auto* help = static_cast<QHelpEvent*>(event);
  const int cell = cellAt(help->pos());
  if (cell < 0)
    QToolTip::hideText();
  else
    QToolTip::showText(help->globalPos(), QStringLiteral("<p>%1</p>").arg(describe(cell).toHtmlEscaped()), this,
                       cellRect(cell));
  return true;
}

void TokenFlow::copyAll() const {
  QString table = QStringLiteral("position\tid\ttoken\tuse\n");
  for (const Cell& cell : m_cells) {
    table += QStringLiteral("%1\t%2\t%3\t%4\n")
                 .arg(QString::number(cell.begin), QString::number(m_sample.tokens.input_ids[size_t(cell.begin)]),
                      pieceOf(cell), QString::fromUtf8(name(cell.use).data(), qsizetype(name(cell.use).size())));
  }
  QGuiApplication::clipboard()->setText(table);
}

}  // namespace llavakd
