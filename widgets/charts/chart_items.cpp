// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/chart_items.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "widgets/theme/numbers.h"
#include "widgets/theme/theme.h"

namespace llavakd {
namespace {

constexpr double markRadius = 5;
constexpr int markPitch = 12;  // from one mark to the next at the same step
constexpr int usualTicks = 5, stepLabelWidth = 72, valueLabelHeight = 18;

QPolygonF markOutline(MarkKind kind, const QPointF& centre) {
  switch (kind) {
    case MarkKind::checkpoint:
      return QPolygonF{centre + QPointF(0, -markRadius), centre + QPointF(markRadius, 0),
                       centre + QPointF(0, markRadius), centre + QPointF(-markRadius, 0)};
    case MarkKind::alert:
      return QPolygonF{centre + QPointF(0, -markRadius), centre + QPointF(markRadius, 4),
                       centre + QPointF(-markRadius, 4)};
    case MarkKind::evaluation:
      break;
  }
  QPolygonF star;
  for (int corner = 0; corner < 10; ++corner) {
    const double angle = M_PI * corner / 5 - M_PI / 2, radius = corner % 2 == 0 ? markRadius + 1 : markRadius / 2;
    star << centre + QPointF(std::cos(angle), std::sin(angle)) * radius;
  }
  return star;
}

// 1, 2 and 5 of each power while they have room, then 1 and 3, then powers alone, then every second one and so on;
// nothing within one power, where even steps say more.
std::optional<QVector<double>> logarithmicTicks(const QCPRange& range, int most) {
  if (range.lower <= 0) return std::nullopt;
  const double low = std::log10(range.lower), high = std::log10(range.upper), decades = high - low;
  if (decades < 0.7) return std::nullopt;
  const double powers = std::max(1, most);
  std::vector<double> parts{1, 2, 5};
  if (decades > 3 || 3 * decades > powers) parts = {1, 3};
  if (decades > 5 || 2 * decades > powers) parts = {1};
  const int stride = std::max(1, int(std::ceil(decades / std::min(8.0, powers))));
  QVector<double> ticks;
  for (int power = int(std::floor(low)) - 1; power <= int(std::ceil(high)); ++power)
    for (const double part : parts)
      if (parts.size() > 1 || power % stride == 0) ticks << part * std::pow(10, power);
  return ticks;
}

// Whether shortCount() says all of it.
bool hasThreeDigits(double value) {
  if (value == 0) return true;
  const double unit = std::pow(10, std::floor(std::log10(std::abs(value)) + 1e-9) - 2);
  return std::abs(value / unit - std::round(value / unit)) < 1e-6;
}

}  // namespace

StageBandsItem::StageBandsItem(QCustomPlot* plot, std::function<double(double)> position)
    : QCPAbstractItem(plot), m_position(std::move(position)) {
  setLayer(QStringLiteral("background"));
  setSelectable(false);
  setClipToAxisRect(false);  // the strip is above the axes
}

QPointF StageBandsItem::markPosition(std::size_t mark) const {
  int before = 0;
  for (std::size_t i = mark; i > 0 && m_marks[i - 1].step == m_marks[mark].step; --i) ++before;
  return {mParentPlot->xAxis->coordToPixel(m_position(m_marks[mark].step)) - before * markPitch,
          mParentPlot->axisRect()->top() - bandStripHeight / 2.0};
}

void StageBandsItem::draw(QCPPainter* painter) {
  const QRectF area = mParentPlot->axisRect()->rect();
  bool shaded = true;
  if (m_shown)
    for (const auto& band : m_bands) drawBand(painter, band, std::exchange(shaded, !shaded));
  if (!m_title.isEmpty()) {
    painter->setFont(theme::font(theme::Size::caption));
    painter->setPen(theme::mutedText());
    painter->drawText(QRectF(area.left(), area.top() - bandStripHeight, area.width(), bandStripHeight),
                      Qt::AlignVCenter | Qt::AlignLeft, m_title);
    return;
  }
  if (!m_shown) return;
  const std::vector<bool> drawn = drawnMarks();
  for (std::size_t mark = 0; mark < m_marks.size(); ++mark)
    if (drawn[mark]) drawMark(painter, mark);
}

std::vector<bool> StageBandsItem::drawnMarks() const {
  const auto labels = labelEdges();
  const auto isUnder = [](const std::vector<std::pair<double, double>>& words, double x) {
    return std::ranges::any_of(
        words, [x](const auto& word) { return x - markRadius < word.second && x + markRadius > word.first; });
  };
  std::vector<bool> drawn(m_marks.size(), true);
  double next = std::numeric_limits<double>::infinity();
  bool crowded = false;
  std::optional<std::size_t> newest;
  for (std::size_t mark = m_marks.size(); mark > 0; --mark) {
    if (m_marks[mark - 1].kind != MarkKind::checkpoint) continue;
    if (!newest) newest = mark - 1;
    const double x = markPosition(mark - 1).x();
    drawn[mark - 1] = next - x >= 2 * markPitch;
    crowded = crowded || !drawn[mark - 1];
    drawn[mark - 1] = drawn[mark - 1] && !isUnder(labels, x);
    if (drawn[mark - 1]) next = x;
  }
  if (!crowded) return drawn;
  // There are others near: this one needn't cover a stage's name.
  const auto names = nameEdges();
  for (std::size_t mark = 0; mark < m_marks.size(); ++mark)
    if (drawn[mark] && m_marks[mark].kind == MarkKind::checkpoint && mark != newest &&
        isUnder(names, markPosition(mark).x()))
      drawn[mark] = false;
  return drawn;
}

// From left to right in pixels.
std::vector<std::pair<double, double>> StageBandsItem::labelEdges() const {
  const QFontMetrics metrics(theme::numberFont(theme::Size::caption));
  std::vector<std::pair<double, double>> edges;
  for (std::size_t mark = 0; mark < m_marks.size(); ++mark) {
    if (m_marks[mark].label.isEmpty()) continue;
    const double right = markPosition(mark).x() - markRadius - theme::gapTiny;
    edges.emplace_back(right - metrics.horizontalAdvance(m_marks[mark].label), right);
  }
  return edges;
}

std::pair<double, double> StageBandsItem::bandEdges(const StepBand& band) const {
  const QRectF area = mParentPlot->axisRect()->rect();
  const QCPAxis* axis = mParentPlot->xAxis;
  const double end = band.end ? axis->coordToPixel(m_position(*band.end)) : area.right() + 1;
  return {std::max(area.left(), axis->coordToPixel(m_position(band.begin))), std::min(area.right(), end)};
}

std::vector<std::pair<double, double>> StageBandsItem::nameEdges() const {
  const QFontMetrics metrics(theme::font(theme::Size::caption));
  std::vector<std::pair<double, double>> edges;
  for (const StepBand& band : m_bands) {
    const auto [left, right] = bandEdges(band);
    edges.emplace_back(left, std::min(right, left + 2 * theme::gapSmall + metrics.horizontalAdvance(band.name)));
  }
  return edges;
}

void StageBandsItem::drawBand(QCPPainter* painter, const StepBand& band, bool shaded) const {
  const QRectF area = mParentPlot->axisRect()->rect();
  const QCPAxis* axis = mParentPlot->xAxis;
  const double end = band.end ? axis->coordToPixel(m_position(*band.end)) : area.right() + 1;
  const auto [left, right] = bandEdges(band);
  const double top = area.top() - (m_title.isEmpty() ? bandStripHeight : 0);
  if (right <= left) return;
  if (shaded) {
    QColor fill = theme::text();
    fill.setAlphaF(theme::isDark() ? 0.05f : 0.035f);
    painter->fillRect(QRectF(left, top, right - left, area.bottom() - top), fill);
  }
  if (end <= area.right()) {
    painter->setPen(QPen(theme::border(), 1));
    painter->drawLine(QPointF(right, top), QPointF(right, area.bottom()));
  }
  if (!m_title.isEmpty()) return;
  const QFont font = theme::font(theme::Size::caption);
  const QString name = QFontMetrics(font).elidedText(band.name, Qt::ElideRight, int(right - left) - theme::gapSmall);
  if (name.size() <= 1) return;
  painter->setFont(font);
  painter->setPen(theme::mutedText());
  painter->drawText(QRectF(left + theme::gapSmall, top, right - left, bandStripHeight),
                    Qt::AlignVCenter | Qt::AlignLeft, name);
}

void StageBandsItem::drawMark(QCPPainter* painter, std::size_t mark) const {
  const QRectF area = mParentPlot->axisRect()->rect();
  const QPointF centre = markPosition(mark);
  const auto& [step, text, kind, label] = m_marks[mark];
  const double x = mParentPlot->xAxis->coordToPixel(m_position(step));
  if (x < area.left() - 1 || x > area.right() + 1) return;
  const bool alert = kind == MarkKind::alert;
  const QColor color = alert ? theme::stateColor(theme::State::failed) : theme::mutedText();
  painter->setAntialiasing(true);
  if (alert) {
    painter->setPen(QPen(color, 1, Qt::DotLine));
    painter->drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()));
  }
  painter->setPen(QPen(color, 1));
  painter->setBrush(alert ? color : theme::card());
  painter->drawPolygon(markOutline(kind, centre));
  painter->setBrush(Qt::NoBrush);
  if (label.isEmpty()) return;
  painter->setFont(theme::numberFont(theme::Size::caption));
  painter->setPen(theme::text());
  const double right = centre.x() - markRadius - theme::gapTiny;
  painter->drawText(QRectF(right - 100, centre.y() - bandStripHeight / 2.0, 100, bandStripHeight),
                    Qt::AlignVCenter | Qt::AlignRight, label);
}

CrosshairItem::CrosshairItem(QCustomPlot* plot) : QCPAbstractItem(plot) {
  setLayer(QStringLiteral("overlay"));
  setSelectable(false);
}

void CrosshairItem::place(std::optional<double> position, std::vector<Dot> dots) {
  m_position = position;
  m_dots = std::move(dots);
}

void CrosshairItem::draw(QCPPainter* painter) {
  if (!m_position) return;
  const QRectF area = mParentPlot->axisRect()->rect();
  const double x = mParentPlot->xAxis->coordToPixel(*m_position);
  if (x < area.left() || x > area.right()) return;
  painter->setPen(QPen(theme::mutedText(), 1));
  painter->drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()));
  painter->setAntialiasing(true);
  const auto mark = [&](double value, double radius) {
    if (std::isfinite(value)) painter->drawEllipse(QPointF(x, mParentPlot->yAxis->coordToPixel(value)), radius, radius);
  };
  for (const auto& dot : m_dots) {
    painter->setPen(QPen(dot.color, 1.5));
    painter->setBrush(theme::card());
    mark(dot.average, 3.5);
    painter->setPen(QPen(theme::card(), 1.5));
    painter->setBrush(dot.color);
    mark(dot.value, 4);
  }
}

double StepTicker::getTickStep(const QCPRange& range) {
  const double step = QCPAxisTicker::getTickStep(range);
  if (m_axis == StepAxis::hours) return step;
  // Quarters of a stage where they fit.
  if (m_axis == StepAxis::stage)
    return range.size() > 6 ? 1 : range.size() > 2 ? 0.5 : range.size() > 0.5 ? 0.25 : step;
  return std::max(1.0, std::floor(step));  // not 2.5: there is no such step
}

void StepTicker::setRoom(int pixels) {
  m_most = std::clamp(pixels / stepLabelWidth, 2, 8);
  setTickCount(std::min(m_most, usualTicks));
}

QVector<double> StepTicker::createTickVector(double tickStep, const QCPRange& range) {
  const auto logarithmic = m_logarithmic ? logarithmicTicks(range, m_most) : std::nullopt;
  const QVector<double> ticks = logarithmic ? *logarithmic : QCPAxisTicker::createTickVector(tickStep, range);
  // "200,000,000" under every tick leaves no room for another; but numbers that begin alike need all of their digits.
  m_short =
      !logarithmic && !ticks.isEmpty() && range.upper >= 1e6 && std::all_of(ticks.begin(), ticks.end(), hasThreeDigits);
  return ticks;
}

QString StepTicker::getTickLabel(double tick, const QLocale&, QChar, int) {
  if (m_axis == StepAxis::hours) return theme::shortNumber(tick);
  if (m_axis == StepAxis::stage)
    return QStringLiteral("%1\u202f%").arg(theme::shortNumber(100 * (tick - std::floor(tick + 1e-9))));
  return m_short || (m_logarithmic && std::abs(tick) >= 1e6) ? theme::shortCount(tick)
                                                             : theme::wholeNumber(std::llround(tick));
}

void ValueTicker::setRoom(int pixels) {
  m_most = std::clamp(pixels / valueLabelHeight, 2, 24);
  setTickCount(std::min(m_most, usualTicks));
}

double ValueTicker::getTickStep(const QCPRange& range) {
  if (!m_bytes) return QCPAxisTicker::getTickStep(range);
  return std::max(1.0, std::exp2(std::ceil(std::log2(range.size() / tickCount()))));
}

QVector<double> ValueTicker::createTickVector(double tickStep, const QCPRange& range) {
  const auto ticks = m_logarithmic ? logarithmicTicks(range, m_most) : std::nullopt;
  return ticks ? *ticks : QCPAxisTicker::createTickVector(tickStep, range);
}

QString ValueTicker::getTickLabel(double tick, const QLocale&, QChar, int) {
  return m_text ? m_text(tick) : theme::shortNumber(tick);
}

}  // namespace llavakd
