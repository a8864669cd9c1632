// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QPen>
#include <QString>
#include <QWidget>
#include <functional>
#include <optional>
#include <vector>

#include "widgets/charts/step_series.h"

class QCustomPlot;
class QCPGraph;

namespace llavakd {

class StageBandsItem;
class CrosshairItem;
class ValueCard;

/// How one line of a StepChart looks. The pen is asked for again when the theme changes.
struct StepLine {
  QString name;
  std::function<QPen()> pen;
  std::function<QString(double)> text;  ///< A value for people, with its unit.
};

/// A named stretch of steps behind the lines; `end` is absent while the stage runs.
struct StepBand {
  QString name;
  double begin = 0;
  std::optional<double> end;
};

/// Something that happened at a step: a checkpoint, a stage's end. Clicking it gives markClicked.
struct StepMark {
  double step = 0;
  QString text;
};

/// Lines over the steps of a run. The view follows the data until somebody zooms or pans; from then on it stays where
/// it is, whatever arrives, until fit(). Mouse: wheel zooms along the steps (with Shift, or over the left axis, along
/// the values), drag pans, Ctrl+drag zooms into a rectangle, double click fits. Keyboard: arrows move the crosshair,
/// + and - zoom, Home fits, Ctrl+C copies the values under the crosshair.
class StepChart : public QWidget {
  Q_OBJECT

 public:
  explicit StepChart(QWidget* parent = nullptr);
  ~StepChart() override;

  void setLines(std::vector<StepLine> lines);
  int lineCount() const { return int(m_lines.size()); }
  /// Adds points; call appendDone() after a batch.
  void append(int line, double step, double value);
  void appendDone();
  /// Another stage begins: averages start again.
  void restartAverages();
  void clearData();
  const StepSeries& series(int line) const { return m_series[std::size_t(line)]; }

  void setBands(std::vector<StepBand> bands);
  void setMarks(std::vector<StepMark> marks);
  void setBandsVisible(bool visible);
  void setLogValues(bool on);
  bool isLogValues() const { return m_log; }
  void setSmoothing(double factor);
  double smoothing() const { return m_smoothing; }
  void setLineVisible(int line, bool visible);
  bool isLineVisible(int line) const { return m_visible[std::size_t(line)]; }
  /// How the values' axis writes its numbers; without it as plain numbers.
  void setValueText(std::function<QString(double)> text);

  void fit();
  bool isFitted() const { return m_fitted; }
  /// Shown steps and values: {low, high}.
  std::pair<double, double> shownSteps() const;
  std::pair<double, double> shownValues() const;
  void showSteps(double low, double high);

  /// The crosshair's step; nothing hides it. The card belongs to the chart that the pointer or the keys are in.
  void setCursor(std::optional<double> step, bool withCard = false);
  std::optional<double> cursorStep() const { return m_cursor; }
  /// Step and values under the crosshair, tab-separated with a header line.
  QString cursorText() const;
  /// Where a step and a value lie on this widget; for tests and for drawing over the chart.
  QPointF positionOf(double step, double value) const;

  QSize sizeHint() const override { return {640, 320}; }
  QSize minimumSizeHint() const override { return {240, 120}; }

 Q_SIGNALS:
  void cursorMoved(std::optional<double> step);
  void shownStepsChanged(double low, double high);
  void fittedChanged(bool fitted);
  void markClicked(double step);
  /// A click next to the marks; the step is one that has a point.
  void stepClicked(double step);

 protected:
  void changeEvent(QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void restyle();
  void fillGraphs();
  QPen rawPen(std::size_t line, bool dense) const;
  void applyRange();
  void applyValueRange(double low, double high);
  void leaveFit();
  void zoom(Qt::Orientation orientation, double factor, double centre);
  void moveCursorTo(const QPointF& position);
  void stepCursor(int points);
  std::optional<double> markNear(const QPointF& position) const;
  bool wheeled(const QPointF& position, int delta, Qt::KeyboardModifiers modifiers);
  void placeCard();

  QCustomPlot* m_plot;
  std::vector<StepLine> m_lines;
  std::vector<StepSeries> m_series;
  std::vector<QCPGraph*> m_raw, m_average;
  std::vector<bool> m_visible;
  StageBandsItem* m_bands;
  CrosshairItem* m_crosshair;
  ValueCard* m_card;
  std::optional<double> m_cursor;
  double m_smoothing = 0;
  bool m_log = false, m_fitted = true, m_bandsVisible = true, m_applying = false, m_painted = false, m_dirty = true;
  std::pair<double, double> m_filledRange;
  int m_filledWidth = 0;
  QPointF m_pressed;
};

}  // namespace llavakd
