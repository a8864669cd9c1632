// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/charts/qcustomplot_wrapper.h"

namespace llavakd {

/// A graph whose lines of many points take as long as their pixels. Qt makes an outline of a line that is thicker than
/// a pixel and fills it: for two thousand points, dashed, that takes longer than a frame. On screens and in pictures of
/// pixels such a line is drawn as several of one pixel next to each other, with the same dashes.
class LineGraph : public QCPGraph {
 public:
  using QCPGraph::QCPGraph;

 protected:
  void drawLinePlot(QCPPainter* painter, const QVector<QPointF>& lines) const override;
};

}  // namespace llavakd
