// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QPen>
#include <QString>
#include <QWidget>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "widgets/charts/chart_table.h"
#include "widgets/charts/history_series.h"
#include "widgets/charts/smoothing.h"

class QCustomPlot;
class QCPGraph;
class QPaintDevice;

namespace llavakd {

class StageBandsItem;
class CrosshairItem;
class ValueCard;

/// How one line of a StepChart looks. The pen is asked for again when the theme changes.
struct StepLine {
  QString name;
  std::function<QPen()> pen;
  std::function<QString(double)> text;  ///< A value for people, with its unit.
  StepSelection values;                 ///< Of the chart's history; the chart chooses the axis.
};

/// Another run that is drawn with the same colours, thinner and fainter, its strokes broken in a way of its own; the
/// baseline is the strongest of them.
struct OverlaidHistory {
  QString name;
  std::shared_ptr<const StepHistory> history;
  bool baseline = false;
  std::size_t place = 0;  ///< Among all of them, also those that are hidden.
};

/// How the line of the other run at this place looks that is drawn like `line` of the run at hand.
QPen overlaidPen(const QPen& line, bool baseline, std::size_t place = 0);

/// A named stretch of steps behind the lines; `end` is absent while the stage runs.
struct StepBand {
  QString name;
  double begin = 0;
  std::optional<double> end;
};

enum class MarkKind { checkpoint, evaluation, alert };

/// Something that happened at a step. Clicking it gives markClicked.
struct StepMark {
  double step = 0;
  QString text;
  MarkKind kind = MarkKind::checkpoint;
  QString label = {};  ///< In the strip, before the mark: a score.
};

/// Lines over the steps of a run, with a gap where another stage begins. The view follows the data until somebody zooms
/// or pans; from then on it stays where it is, whatever arrives, until fit(). It never leaves the data by more than
/// half of what it shows. Mouse: wheel zooms along the steps (with Shift, or over the left axis, along the values),
/// drag pans, Ctrl+drag zooms into a rectangle, double click fits, on an axis it asks for a range. Keyboard: arrows
/// move the crosshair, + and - zoom, Home fits, Ctrl+C copies the values under the crosshair, T asks for the table; the
/// context menu has the rest.
class StepChart : public QWidget {
  Q_OBJECT

 public:
  explicit StepChart(QWidget* parent = nullptr);
  ~StepChart() override;

  void setLines(std::vector<StepLine> lines);
  int lineCount() const { return int(m_lines.size()); }
  /// What the lines show; it is replaced when there is more. Null: nothing.
  void setHistory(std::shared_ptr<const StepHistory> history);
  /// Where the steps lie on the axes of samples, tokens and hours, if the history itself doesn't tell; null: it does.
  void setPlaces(std::shared_ptr<const StepHistory> places);
  void setOverlays(std::vector<OverlaidHistory> overlays);
  void clearData();
  const HistorySeries& series(int line) const { return m_series[std::size_t(line)]; }

  /// What the horizontal axis counts. The shown steps stay.
  void setAxis(StepAxis axis);
  StepAxis axis() const { return m_axis; }
  void setBands(std::vector<StepBand> bands);
  void setMarks(std::vector<StepMark> marks);
  void setBandsVisible(bool visible);
  void setLogValues(bool on);
  bool isLogValues() const { return m_logValues; }
  void setLogSteps(bool on);
  bool isLogSteps() const { return m_logSteps; }
  void setSmoothing(const Smoothing& smoothing);
  const Smoothing& smoothing() const { return m_smoothing; }
  /// Shades what the smoothed line was made from, from the smallest to the largest value.
  void setBandOfExtremes(bool on);
  void setLineVisible(int line, bool visible);
  bool isLineVisible(int line) const { return m_visible[std::size_t(line)]; }
  /// How the values' axis writes its numbers; without it as plain numbers.
  void setValueText(std::function<QString(double)> text);
  /// The values are sizes: the axis writes them as such, and its ticks are at round ones.
  void setByteValues();
  /// The title of the values' axis, with its unit.
  void setValueTitle(const QString& title);
  QString valueTitle() const { return m_valueTitle; }
  /// The same as the chart shows it: where lines are smoothed, it says which of them are averages.
  QString shownTitle() const;
  /// One of several charts under each other: the title is above, and the steps' axis has no numbers.
  void setCompact(bool compact);

  void fit();
  bool isFitted() const { return m_fitted; }
  /// Shown steps and values: {low, high}.
  std::pair<double, double> shownSteps() const;
  std::pair<double, double> shownValues() const;
  /// The first and the last step in view that has a point; nothing without one.
  std::optional<std::pair<double, double>> stepsInView() const;
  void showSteps(double low, double high);
  /// Fits the values to the shown steps, which stay.
  void fitValues();
  /// Shows these values until fit(), whatever steps are shown.
  void showValues(double low, double high);

  /// The crosshair's step; nothing hides it. The card belongs to the chart that the pointer or the keys are in.
  void setCursor(std::optional<double> step, bool withCard = false);
  std::optional<double> cursorStep() const { return m_cursor; }
  /// Step and values under the crosshair, tab-separated with a header line.
  QString cursorText() const;
  /// Where a step and a value lie on this widget; for tests and for drawing over the chart.
  QPointF positionOf(double step, double value) const;
  /// Where a mark is on this widget.
  QPointF positionOfMark(std::size_t mark) const;
  /// Where the lines are drawn on this widget: the same from left to right for all charts with titles.
  QRectF plotArea() const;
  /// Points of the graphs as they were last drawn, gaps among them as NaN; for tests. `smoothed`: those of the average.
  std::vector<QPointF> drawnPoints(int line, bool smoothed) const;
  /// Those of them that have no neighbour to draw a line to: they are dots.
  std::vector<QPointF> drawnDots(int line) const;

  /// Draws what is shown into a device of that size: axes, lines, bands and a legend, in the theme of the moment.
  void paint(QPaintDevice* device, const QSize& size);
  /// The shown lines over the shown steps as they are now: all of their points.
  ChartTable table() const;

  QSize sizeHint() const override { return {640, m_compact ? 110 : 320}; }
  QSize minimumSizeHint() const override { return {240, m_compact ? 90 : 150}; }

 Q_SIGNALS:
  void cursorMoved(std::optional<double> step);
  void shownStepsChanged(double low, double high);
  void fittedChanged(bool fitted);
  /// The chart was drawn: steps and values may have other places on it.
  void drawn();
  void markClicked(double step);
  /// A click next to the marks; the step is one that has a point.
  void stepClicked(double step);
  /// The key T; whoever can show tables takes it.
  void tableRequested();

 protected:
  void changeEvent(QEvent* event) override;
  void showEvent(QShowEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  const StepHistory& places() const { return m_places ? *m_places : *m_history; }
  /// A step as a coordinate of the horizontal axis, and back.
  double position(double step) const { return places().position(m_axis, step); }
  double stepAt(double position) const { return places().step_at(m_axis, position); }
  /// A step as the lines' own series have it.
  double place(double step) const { return m_places ? step : position(step); }
  HistorySeries seriesOf(const std::shared_ptr<const StepHistory>& history, std::size_t line, StepAxis axis) const;
  QCPGraph* addGraph();
  void selectSeries();
  void refresh();
  void takeSize();
  void addActions();
  void restyle();
  void fillGraphs(const QSize& area);
  void fillLine(std::size_t line, std::size_t columns);
  void fillOverlay(std::size_t overlay, std::size_t line, std::size_t columns);
  void fillGraph(QCPGraph* graph, const std::vector<LinePoint>& points, bool inSteps) const;
  void fillDots(std::size_t line);
  std::vector<LinePoint> oneStrokeAColumn(const std::vector<LinePoint>& points, double low, double high,
                                          std::size_t columns) const;
  bool isBusy(const std::vector<LinePoint>& points) const;
  std::vector<LinePoint> smoothed(const HistorySeries& series, double low, double high, std::size_t columns) const;
  std::optional<std::size_t> cursorRow() const;
  QPen rawPen(std::size_t line, bool dense) const;
  void redraw();
  void applyRange();
  void applyValueRange(double firstStep, double lastStep);
  void setValueRange(double low, double high);
  /// Coordinates of the first and the last step that there is, overlays' too.
  std::pair<double, double> dataPositions() const;
  double positionsAStep() const;
  void keepNearData(Qt::Orientation orientation);
  void rangeMoved(Qt::Orientation orientation);
  void leaveFit();
  void zoom(Qt::Orientation orientation, double factor, double centre);
  void askForRange(Qt::Orientation orientation);
  void moveCursorTo(const QPointF& position);
  void stepCursor(int points);
  std::optional<double> markNear(const QPointF& position) const;
  bool wheeled(const QPointF& position, int delta, Qt::KeyboardModifiers modifiers);
  void doubleClicked(const QPointF& position);
  void placeCard();

  QCustomPlot* m_plot;
  std::vector<StepLine> m_lines;
  std::shared_ptr<const StepHistory> m_history = std::make_shared<const StepHistory>(), m_places;
  std::vector<HistorySeries> m_series;
  struct Overlay {
    OverlaidHistory run;
    std::vector<HistorySeries> series;
    std::vector<QCPGraph*> graphs;
  };
  std::vector<Overlay> m_overlays;
  std::vector<QCPGraph*> m_lowest, m_highest, m_raw, m_average, m_dots;
  std::vector<bool> m_visible;
  StageBandsItem* m_bands;
  CrosshairItem* m_crosshair;
  ValueCard* m_card;
  StepAxis m_axis = StepAxis::step;
  std::optional<double> m_cursor;
  std::optional<std::pair<double, double>> m_chosenValues;
  Smoothing m_smoothing;
  QString m_valueTitle;
  bool m_logValues = false, m_logSteps = false, m_bandOfExtremes = false, m_bandsVisible = true, m_compact = false;
  bool m_fitted = true, m_applying = false, m_painted = false, m_dirty = true;
  std::pair<double, double> m_filledRange;
  int m_filledWidth = 0;
  QPointF m_pressed;
};

}  // namespace llavakd
