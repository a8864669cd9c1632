// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/failures/picture_map_view.h"

#include <QKeyEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <cmath>

#include "widgets/document/conversions.h"
#include "widgets/pages/failures/outcome_mark.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/theme.h"

namespace llavakd {
namespace {

constexpr double signSide = 10, nearEnough = 12;

// What most of its questions came to; among equals the worse one.
Outcome mainOutcome(const MappedPicture& picture) {
  Outcome most = Outcome::both_wrong;
  for (const Outcome outcome : {Outcome::teacher_alone, Outcome::student_alone, Outcome::both_right})
    if (picture.outcomes.of(outcome) > picture.outcomes.of(most)) most = outcome;
  return most;
}

QString pictureFacts(const MappedPicture& picture) {
  QStringList lines = {toQString(picture.image)};
  for (const Outcome outcome : all_outcomes)
    if (const int64_t count = picture.outcomes.of(outcome); count > 0)
      lines << PictureMapView::tr("%1: %2").arg(outcomeText(outcome), theme::wholeNumber(count));
  return lines.join(QLatin1Char('\n'));
}

}  // namespace

PictureMapView::PictureMapView(QWidget* parent) : QWidget(parent) {
  setMouseTracking(true);
  setFocusPolicy(Qt::StrongFocus);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
  setAccessibleName(tr("Map of the pictures"));
}

void PictureMapView::setMap(std::shared_ptr<const PictureMap> map) {
  m_map = std::move(map);
  m_left = m_top = 0;
  m_width = m_height = 1;
  if (m_map && !m_map->pictures.empty()) {
    const auto [left, right] = std::ranges::minmax(m_map->pictures, {}, &MappedPicture::x);
    const auto [top, bottom] = std::ranges::minmax(m_map->pictures, {}, &MappedPicture::y);
    m_left = left.x;
    m_top = top.y;
    m_width = std::max(right.x - left.x, 1e-12);
    m_height = std::max(bottom.y - top.y, 1e-12);
  }
  update();
}

void PictureMapView::setOutcome(std::optional<Outcome> outcome) {
  m_outcome = outcome;
  update();
}

void PictureMapView::setChosen(const QString& image) {
  m_chosen = image;
  update();
}

bool PictureMapView::isBright(const MappedPicture& picture) const {
  return m_outcome ? picture.outcomes.of(*m_outcome) > 0 : picture.outcomes.total() > 0;
}

double PictureMapView::sideOf(const MappedPicture& picture) const {
  if (!m_outcome || !isBright(picture)) return signSide;
  constexpr double least = 7, more = 3;
  return least + more * double(std::min<int64_t>(picture.outcomes.of(*m_outcome) - 1, 4));
}

QRectF PictureMapView::plane() const {
  const int line = QFontMetrics(theme::font(theme::Size::caption)).height();
  return QRectF(rect()).adjusted(theme::gapLarge, theme::gapLarge + line, -theme::gapLarge, -theme::gapLarge - line);
}

// One scale for both directions: distances are what the map shows.
QPointF PictureMapView::positionOf(std::size_t picture) const {
  const MappedPicture& mapped = m_map->pictures[picture];
  const QRectF area = plane();
  const double scale = std::min(area.width() / m_width, area.height() / m_height);
  return area.center() + QPointF((mapped.x - m_left - m_width / 2) * scale, -(mapped.y - m_top - m_height / 2) * scale);
}

int PictureMapView::nearest(const QPointF& position) const {
  int found = -1;
  double best = nearEnough;
  for (std::size_t i = 0; m_map && i < m_map->pictures.size(); ++i) {
    const QPointF away = positionOf(i) - position;
    const double distance = std::hypot(away.x(), away.y());
    if (distance > best || !isBright(m_map->pictures[i])) continue;
    best = distance;
    found = int(i);
  }
  return found;
}

void PictureMapView::choose(int picture) {
  m_chosen = picture < 0 ? QString() : toQString(m_map->pictures[std::size_t(picture)].image);
  update();
  Q_EMIT chosen(m_chosen);
}

void PictureMapView::mousePressEvent(QMouseEvent* event) {
  if (event->button() == Qt::LeftButton && m_map) choose(nearest(event->position()));
}

void PictureMapView::mouseMoveEvent(QMouseEvent* event) {
  const int picture = nearest(event->position());
  setCursor(picture < 0 ? Qt::ArrowCursor : Qt::PointingHandCursor);
  if (picture < 0) return QToolTip::hideText();
  QToolTip::showText(event->globalPosition().toPoint(), pictureFacts(m_map->pictures[std::size_t(picture)]), this);
}

// From picture to picture in the order of the file; Escape lets go.
void PictureMapView::keyPressEvent(QKeyEvent* event) {
  const int step = event->key() == Qt::Key_Right || event->key() == Qt::Key_Down ? 1
                   : event->key() == Qt::Key_Left || event->key() == Qt::Key_Up  ? -1
                                                                                 : 0;
  if (event->key() == Qt::Key_Escape && !m_chosen.isEmpty()) return choose(-1);
  if (step == 0 || !m_map) return QWidget::keyPressEvent(event);
  const auto& pictures = m_map->pictures;
  const auto count = int(pictures.size());
  const auto now = std::ranges::find(pictures, m_chosen.toStdString(), &MappedPicture::image);
  int next = now == pictures.end() ? (step > 0 ? -1 : count) : int(now - pictures.begin());
  do next += step;
  while (next >= 0 && next < count && !isBright(pictures[std::size_t(next)]));
  if (next >= 0 && next < count) choose(next);
}

void PictureMapView::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setBrush(theme::cardSunken());
  painter.setPen(QPen(hasFocus() ? theme::accent() : theme::border(), 1));
  painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), theme::radius, theme::radius);
  if (!m_map) return;
  // The faded ones first: they cover nothing.
  for (const bool bright : {false, true}) {
    painter.setOpacity(bright ? 1 : 0.18);
    for (std::size_t i = 0; i < m_map->pictures.size(); ++i) {
      const MappedPicture& picture = m_map->pictures[i];
      if (isBright(picture) != bright) continue;
      paintOutcomeSign(painter, positionOf(i), sideOf(picture),
                       m_outcome && bright ? *m_outcome : mainOutcome(picture));
      if (toQString(picture.image) != m_chosen) continue;
      painter.setBrush(Qt::NoBrush);
      painter.setPen(QPen(theme::accent(), 2));
      painter.drawEllipse(positionOf(i), signSide, signSide);
    }
  }
  painter.setOpacity(1);
  paintLegend(painter);
}

void PictureMapView::paintLegend(QPainter& painter) const {
  painter.setFont(theme::font(theme::Size::caption));
  const QFontMetrics metrics(painter.font());
  double x = theme::gap, y = theme::gapSmall;
  for (const Outcome outcome : all_outcomes) {
    const QString text = outcomeText(outcome);
    const double width = signSide + theme::gapTiny + metrics.horizontalAdvance(text) + theme::gap;
    if (x + width > this->width() && x > theme::gap) {
      x = theme::gap;
      y += metrics.height();
    }
    paintOutcomeSign(painter, QPointF(x + signSide / 2, y + metrics.height() / 2.0), signSide, outcome);
    painter.setPen(theme::mutedText());
    painter.drawText(QPointF(x + signSide + theme::gapTiny, y + metrics.ascent()), text);
    x += width;
  }
  painter.setPen(theme::mutedText());
  const QString axes =
      tr("The two directions in which the student's tower tells the pictures apart most: %1 % and %2 % "
         "of the variance")
          .arg(theme::fixedNumber(100 * m_map->explained[0], 1), theme::fixedNumber(100 * m_map->explained[1], 1));
  painter.drawText(
      QRectF(theme::gap, height() - metrics.height() - theme::gapTiny, width() - 2 * theme::gap, metrics.height()),
      Qt::AlignLeft, metrics.elidedText(axes, Qt::ElideRight, width() - 2 * theme::gap));
}

}  // namespace llavakd
