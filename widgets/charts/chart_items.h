// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QPen>
#include <QPointF>
#include <functional>
#include <optional>
#include <vector>

#include "widgets/charts/qcustomplot_wrapper.h"
#include "widgets/charts/step_chart.h"

namespace llavakd {

/// Height of the strip at the top of a chart that holds the stages' names.
inline constexpr int bandStripHeight = 22;

/// Bands with their names behind the lines, and the marks on top of them.
class StageBandsItem : public QCPAbstractItem {
 public:
  explicit StageBandsItem(QCustomPlot* plot);
  void setBands(std::vector<StepBand> bands) { m_bands = std::move(bands); }
  void setMarks(std::vector<StepMark> marks) { m_marks = std::move(marks); }
  const std::vector<StepBand>& bands() const { return m_bands; }
  const std::vector<StepMark>& marks() const { return m_marks; }
  double selectTest(const QPointF&, bool, QVariant*) const override { return -1; }

 protected:
  void draw(QCPPainter* painter) override;

 private:
  std::vector<StepBand> m_bands;
  std::vector<StepMark> m_marks;
};

/// The vertical line at the cursor with a dot on every line that has a point there.
class CrosshairItem : public QCPAbstractItem {
 public:
  struct Dot {
    double value = 0;
    QColor color;
  };
  explicit CrosshairItem(QCustomPlot* plot);
  void place(std::optional<double> step, std::vector<Dot> dots);
  double selectTest(const QPointF&, bool, QVariant*) const override { return -1; }

 protected:
  void draw(QCPPainter* painter) override;

 private:
  std::optional<double> m_step;
  std::vector<Dot> m_dots;
};

/// Whole steps only: "1,200".
class StepTicker : public QCPAxisTicker {
 protected:
  double getTickStep(const QCPRange& range) override;
  int getSubTickCount(double) override { return 0; }
  QString getTickLabel(double tick, const QLocale& locale, QChar, int) override;
};

/// Values on a linear or a logarithmic axis. A logarithmic axis shows 1, 2 and 5 of each power while they have room,
/// powers alone beyond, and even steps within a power.
class ValueTicker : public QCPAxisTicker {
 public:
  void setLogarithmic(bool on) { m_logarithmic = on; }
  void setText(std::function<QString(double)> text) { m_text = std::move(text); }

 protected:
  QVector<double> createTickVector(double tickStep, const QCPRange& range) override;
  int getSubTickCount(double) override { return 0; }
  QString getTickLabel(double tick, const QLocale& locale, QChar, int) override;

 private:
  std::function<QString(double)> m_text;
  bool m_logarithmic = false;
};

}  // namespace llavakd
