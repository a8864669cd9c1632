// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/run/step_history.h"
#include "widgets/charts/smoothing.h"

namespace llavakd {

class ExponentialAverage;

/// How a term is shown: as it was measured, times its weight, or as its share of the total.
enum class StepView { raw, weighted, share };

/// Which values of a run, over what.
struct StepSelection {
  std::string key = "total";  ///< As StepHistory::keys() has it; a term by its raw values: "terms.ce".
  StepView view = StepView::raw;
  StepAxis axis = StepAxis::step;

  bool operator==(const StepSelection&) const = default;
};

struct LinePoint {
  double x = 0;
  double y = 0;  ///< NaN: a gap in the line.
};

struct BandPoint {
  double x = 0;
  double least = 0, most = 0;  ///< NaN: a gap in the band.
};

/// One line of a chart: values of a run's history over an axis. Nothing is copied, so that a series costs nothing, and
/// what it gives to draw grows with the columns of pixels, not with the steps. A value.
class HistorySeries {
 public:
  HistorySeries() = default;
  HistorySeries(std::shared_ptr<const StepHistory> history, StepSelection selection);

  const StepSelection& selection() const { return m_selection; }
  const std::shared_ptr<const StepHistory>& history() const { return m_history; }
  /// Points, those that are no numbers too. An index is the history's row.
  std::size_t size() const { return m_history ? m_history->size() : 0; }
  bool isEmpty() const { return size() == 0; }
  double x(std::size_t index) const { return m_history->x(m_selection.axis, index); }
  double value(std::size_t index) const;
  /// The step of the run that a point belongs to.
  double step(std::size_t index) const { return m_history->step(index); }

  /// Index of the point nearest to a place on the axis; nothing when empty.
  std::optional<std::size_t> nearest(double x) const;
  /// Indices [first, last) of the points with places in [low, high].
  std::pair<std::size_t, std::size_t> indicesIn(double low, double high) const;
  /// Least and most of the points [first, last), of those above zero where `positive`; nothing where there is none. Of
  /// many points a share's is that of the means of stretches.
  std::optional<std::pair<double, double>> extremes(std::size_t first, std::size_t last, bool positive = false) const;
  /// Mean of the points [first, last); nothing where there is none.
  std::optional<double> mean(std::size_t first, std::size_t last) const;
  /// Indices at which stages begin, the first one's too.
  std::vector<std::size_t> stageBegins() const;

  /// The newest finite value of the present stage.
  std::optional<double> last() const;
  /// Mean of the newest `share` of the present stage's points minus the mean of as many before them: where it is
  /// heading. Nothing before there are two points.
  std::optional<double> trend(double share) const;
  /// Whether the present stage has points, finite or not.
  bool hasBegun() const;

  /// The exponential moving average at a point: `factor` is the share of the past, 0 (off) to below 1. It begins
  /// unbiased with each stage, after one point it is that point (the correction of Adam's moments); gaps don't enter
  /// it, and at a gap there is none (NaN).
  double exponentialAt(std::size_t index, double factor) const;
  /// The mean of the `window` points around one, of its stage alone.
  double centredAt(std::size_t index, std::size_t window) const;
  /// Whichever of the two it is; the value itself where nothing is smoothed.
  double smoothedAt(std::size_t index, const Smoothing& smoothing) const;
  /// The same of all points [first, last), in one walk.
  std::vector<double> smoothedIn(std::size_t first, std::size_t last, const Smoothing& smoothing) const;

  // What a drawing needs of the points in [low, high] and the next one beyond each edge, when it is `columns` pixels
  // wide. Between stages there is a gap: another stage has another loss. Few points are given as they are; of many the
  // same ones come whatever the edges are, so that nothing flickers while it moves.

  /// Of many points the least and the most of each column, so that no spike is lost.
  std::vector<LinePoint> line(double low, double high, std::size_t columns) const;
  /// Of many points one or two a column, each the mean of the smoothed values there: one picked out of a noisy line
  /// would be a saw-tooth. To a thousandth.
  std::vector<LinePoint> exponential(double low, double high, std::size_t columns, double factor) const;
  std::vector<LinePoint> centred(double low, double high, std::size_t columns, std::size_t window) const;
  /// Least and most of the `window` points around each.
  std::vector<BandPoint> band(double low, double high, std::size_t columns, std::size_t window) const;

  /// Whether line() leaves points out: then strokes are best drawn plain.
  bool isDense(double low, double high, std::size_t columns) const;

 private:
  using Rows = std::pair<std::size_t, std::size_t>;
  NumberRange rangeOf(Rows rows) const;
  double shareOf(Rows rows) const;
  Rows stageOf(std::size_t row) const;
  Rows presentStage() const;
  Rows aroundIn(Rows stage, Rows rows, std::size_t window) const;
  Rows rowsToDraw(double low, double high) const;
  void take(ExponentialAverage& average, Rows rows) const;
  void takeShares(ExponentialAverage& average, std::size_t first, std::span<const float> parts) const;
  template <class Use, class Gap>
  void forEachBucket(double low, double high, std::size_t columns, Use use, Gap gap) const;

  std::shared_ptr<const StepHistory> m_history;
  StepSelection m_selection;
  std::optional<std::size_t> m_key, m_total;  ///< Of the values, and of what a share is a share of.
};

}  // namespace llavakd
