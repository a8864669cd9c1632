// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QPen>
#include <QPointF>
#include <functional>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "widgets/charts/qcustomplot_wrapper.h"
#include "widgets/charts/step_chart.h"

namespace llavakd {

/// Height of the strip over a chart's area that holds the stages' names and the marks, where no line can run.
inline constexpr int bandStripHeight = 22;

/// Bands behind the lines; in the strip above, their names and the marks, or the chart's own title.
class StageBandsItem : public QCPAbstractItem {
 public:
  /// `position` turns a step into a coordinate of the horizontal axis.
  StageBandsItem(QCustomPlot* plot, std::function<double(double)> position);
  void setBands(std::vector<StepBand> bands) { m_bands = std::move(bands); }
  void setMarks(std::vector<StepMark> marks) { m_marks = std::move(marks); }
  /// Takes the place of the names and marks; empty: they are shown.
  void setTitle(const QString& title) { m_title = title; }
  /// Without bands nothing but the title is drawn.
  void setBandsShown(bool shown) { m_shown = shown; }
  const std::vector<StepBand>& bands() const { return m_bands; }
  const std::vector<StepMark>& marks() const { return m_marks; }
  /// The centre of a mark. Those at one step are in a row, to the left of it.
  QPointF markPosition(std::size_t mark) const;
  /// Whether a mark is drawn. Checkpoints that would lie on each other or under a score are left out.
  std::vector<bool> drawnMarks() const;
  double selectTest(const QPointF&, bool, QVariant*) const override { return -1; }

 protected:
  void draw(QCPPainter* painter) override;

 private:
  void drawBand(QCPPainter* painter, const StepBand& band, bool shaded) const;
  /// From left to right in pixels, as far as it is in view.
  std::pair<double, double> bandEdges(const StepBand& band) const;
  /// From left to right in pixels, of the stages' names.
  std::vector<std::pair<double, double>> nameEdges() const;
  std::vector<std::pair<double, double>> labelEdges() const;
  void drawMark(QCPPainter* painter, std::size_t mark) const;

  std::function<double(double)> m_position;
  std::vector<StepBand> m_bands;
  std::vector<StepMark> m_marks;
  QString m_title;
  bool m_shown = true;
};

/// The vertical line at the cursor, on every line that has a point there with a dot at its value and a ring at the
/// average of that step.
class CrosshairItem : public QCPAbstractItem {
 public:
  struct Dot {
    double value = 0;
    QColor color;
    double average = std::numeric_limits<double>::quiet_NaN();  ///< NaN: the line isn't smoothed.
  };
  explicit CrosshairItem(QCustomPlot* plot);
  /// `position`: a coordinate of the horizontal axis.
  void place(std::optional<double> position, std::vector<Dot> dots);
  const std::vector<Dot>& dots() const { return m_dots; }
  double selectTest(const QPointF&, bool, QVariant*) const override { return -1; }

 protected:
  void draw(QCPPainter* painter) override;

 private:
  std::optional<double> m_position;
  std::vector<Dot> m_dots;
};

/// The horizontal axis: whole steps, samples or tokens ("1,200"), hours, or shares of each stage.
class StepTicker : public QCPAxisTicker {
 public:
  void setAxis(StepAxis axis) { m_axis = axis; }
  void setLogarithmic(bool on) { m_logarithmic = on; }
  /// As many ticks at most as don't touch each other.
  void setRoom(int pixels);

 protected:
  double getTickStep(const QCPRange& range) override;
  QVector<double> createTickVector(double tickStep, const QCPRange& range) override;
  int getSubTickCount(double) override { return 0; }
  QString getTickLabel(double tick, const QLocale& locale, QChar, int) override;

 private:
  StepAxis m_axis = StepAxis::step;
  bool m_logarithmic = false;
  bool m_short = false;  ///< All of the ticks are written as "200 k", "1.00 M".
  int m_most = 8;
};

/// Values on a linear or a logarithmic axis. A logarithmic axis shows 1, 2 and 5 of each power while they have room,
/// else powers alone, and even steps within a power.
class ValueTicker : public QCPAxisTicker {
 public:
  void setLogarithmic(bool on) { m_logarithmic = on; }
  /// As many ticks at most as don't touch each other.
  void setRoom(int pixels);
  void setText(std::function<QString(double)> text) { m_text = std::move(text); }
  /// Values are bytes: ticks are powers of two apart, which are round numbers of KiB, MiB and GiB.
  void setBytes(bool on) { m_bytes = on; }

 protected:
  double getTickStep(const QCPRange& range) override;
  QVector<double> createTickVector(double tickStep, const QCPRange& range) override;
  int getSubTickCount(double) override { return 0; }
  QString getTickLabel(double tick, const QLocale& locale, QChar, int) override;

 private:
  std::function<QString(double)> m_text;
  bool m_logarithmic = false;
  bool m_bytes = false;
  int m_most = 8;
};

}  // namespace llavakd
