// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/line_graph.h"

#include <QTransform>
#include <algorithm>
#include <cmath>

namespace llavakd {
namespace {

constexpr qsizetype fewPoints = 200;  // of which Qt's outline is soon filled, with round joins

bool isDrawn(const QPointF& point) {
  return std::isfinite(point.x()) && std::isfinite(point.y());
}

// One pixel of the device, with the dashes that a pen of so many pixels has.
QPen pixelPen(const QPen& pen, double width) {
  QPen thin(pen.color(), 1);
  thin.setCosmetic(true);
  thin.setCapStyle(Qt::FlatCap);
  if (pen.style() == Qt::SolidLine) return thin;
  QList<qreal> dashes = pen.dashPattern();
  for (qreal& dash : dashes) dash *= width;
  thin.setDashPattern(dashes);
  thin.setDashOffset(pen.dashOffset() * width);
  return thin;
}

// The line next to this one, so far to one side of it.
QPolygonF movedAside(const QPointF* points, qsizetype count, double distance) {
  QPolygonF moved(count);
  for (qsizetype i = 0; i < count; ++i) {
    const QPointF way = points[std::min(i + 1, count - 1)] - points[std::max<qsizetype>(i - 1, 0)];
    const double length = std::hypot(way.x(), way.y());
    moved[i] = points[i];
    if (length > 0) moved[i] += QPointF(-way.y(), way.x()) * (distance / length);
  }
  return moved;
}

// With joints on the edges of pixels: a pixel that two pieces share would be fainter than others.
void joinOnPixels(QPolygonF& line, const QTransform& toDevice) {
  if (!(toDevice.m11() > 0)) return;
  for (QPointF& point : line)
    point.setX((std::round(point.x() * toDevice.m11() + toDevice.dx()) - toDevice.dx()) / toDevice.m11());
}

}  // namespace

void LineGraph::drawLinePlot(QCPPainter* painter, const QVector<QPointF>& lines) const {
  const QPen pen = painter->pen();
  if (lines.size() <= fewPoints || pen.style() == Qt::NoPen || painter->modes().testFlag(QCPPainter::pmVectorized))
    return QCPGraph::drawLinePlot(painter, lines);
  applyDefaultAntialiasingHint(painter);
  const double ratio = painter->device()->devicePixelRatioF(), width = std::max(1.0, pen.widthF() * ratio);
  const int count = int(std::ceil(width - 0.01));
  painter->setPen(pixelPen(pen, width));
  for (qsizetype begin = 0, end = 0; begin < lines.size(); begin = end + 1) {
    end = begin;
    while (end < lines.size() && isDrawn(lines[end])) ++end;
    if (end - begin < 2) continue;
    for (int i = 0; i < count; ++i) {
      const double aside = count > 1 ? (width - 1) * (double(i) / (count - 1) - 0.5) : 0;
      QPolygonF line = movedAside(lines.constData() + begin, end - begin, aside / ratio);
      if (painter->antialiasing()) joinOnPixels(line, painter->deviceTransform());
      painter->drawPolyline(line);
    }
  }
}

}  // namespace llavakd
