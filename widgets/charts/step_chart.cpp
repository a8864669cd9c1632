// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/step_chart.h"

#include <QEvent>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>

#include "widgets/charts/chart_items.h"
#include "widgets/charts/line_graph.h"
#include "widgets/charts/qcustomplot_wrapper.h"
#include "widgets/charts/value_card.h"
#include "widgets/theme/numbers.h"

namespace llavakd {

StepChart::StepChart(QWidget* parent) : QWidget(parent), m_plot(new QCustomPlot(this)), m_card(new ValueCard(this)) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(2, 2, 2, 2);  // room for the focus ring
  layout->addWidget(m_plot);
  setFocusPolicy(Qt::StrongFocus);
  m_plot->setFocusPolicy(Qt::NoFocus);
  m_plot->setMouseTracking(true);
  m_plot->installEventFilter(this);
  m_plot->setInteractions(QCP::iRangeDrag);
  m_plot->setNoAntialiasingOnDrag(true);
  m_plot->setPlottingHint(QCP::phImmediateRefresh, false);  // all charts of a page are painted in one go
  m_plot->legend->setVisible(false);
  m_plot->xAxis->setTicker(QSharedPointer<StepTicker>::create());
  m_plot->yAxis->setTicker(QSharedPointer<ValueTicker>::create());
  m_plot->axisRect()->setMinimumSize(QSize(20, 20));
  m_bands = new StageBandsItem(m_plot, [this](double step) { return position(step); });  // owned by the plot
  m_crosshair = new CrosshairItem(m_plot);                                               // owned by the plot
  connect(m_plot->xAxis, qOverload<const QCPRange&>(&QCPAxis::rangeChanged), this,
          [this] { rangeMoved(Qt::Horizontal); });
  connect(m_plot->yAxis, qOverload<const QCPRange&>(&QCPAxis::rangeChanged), this,
          [this] { rangeMoved(Qt::Vertical); });
  addActions();
  setToolTip(
      tr("Wheel: zoom the steps (Shift: the values). Drag: pan. Ctrl+drag: zoom into a rectangle. "
         "Double click: fit; on an axis: type its range. Arrow keys move the crosshair, Ctrl+C copies its values."));
  setAccessibleName(tr("Chart of values over steps"));
  // The plot replots by itself, too, hidden or not.
  connect(m_plot, &QCustomPlot::beforeReplot, this, [this] {
    if (isVisible()) fillGraphs(m_plot->axisRect()->size());
  });
  connect(m_plot, &QCustomPlot::afterReplot, this, [this] {
    m_painted = true;
    Q_EMIT drawn();
  });
  restyle();
  applyRange();
}

StepChart::~StepChart() {
  m_plot->removeEventFilter(this);
}

void StepChart::setLines(std::vector<StepLine> lines) {
  m_lines = std::move(lines);
  m_visible.assign(m_lines.size(), true);
  m_plot->clearGraphs();
  m_overlays.clear();
  for (auto* graphs : {&m_lowest, &m_highest, &m_raw, &m_average, &m_dots}) graphs->clear();
  for (std::size_t i = 0; i < m_lines.size(); ++i) {
    for (auto* graphs : {&m_lowest, &m_highest, &m_raw, &m_average, &m_dots}) graphs->push_back(addGraph());
    m_highest[i]->setChannelFillGraph(m_lowest[i]);
    m_dots[i]->setLineStyle(QCPGraph::lsNone);
  }
  selectSeries();
  restyle();
}

QCPGraph* StepChart::addGraph() {
  auto* graph = new LineGraph(m_plot->xAxis, m_plot->yAxis);  // owned by the plot
  graph->setAdaptiveSampling(false);                          // the points are those of single pixel columns already
  return graph;
}

HistorySeries StepChart::seriesOf(const std::shared_ptr<const StepHistory>& history, std::size_t line,
                                  StepAxis axis) const {
  StepSelection selection = m_lines[line].values;
  selection.axis = axis;
  return {history, std::move(selection)};
}

void StepChart::selectSeries() {
  m_series.clear();
  for (std::size_t i = 0; i < m_lines.size(); ++i)
    m_series.push_back(seriesOf(m_history, i, m_places ? StepAxis::step : m_axis));
  for (auto& overlay : m_overlays) {
    overlay.series.clear();
    for (std::size_t i = 0; i < m_lines.size(); ++i) overlay.series.push_back(seriesOf(overlay.run.history, i, m_axis));
  }
  m_dirty = true;
}

void StepChart::setHistory(std::shared_ptr<const StepHistory> history) {
  m_history = history ? std::move(history) : std::make_shared<const StepHistory>();
  selectSeries();
  refresh();
}

void StepChart::setPlaces(std::shared_ptr<const StepHistory> places) {
  m_places = std::move(places);
  selectSeries();
  refresh();
}

// Other data, the same view: whoever follows the run sees the new steps, whoever looks closer stays where they are.
void StepChart::refresh() {
  if (m_fitted) applyRange();
  redraw();
  if (m_cursor) setCursor(m_cursor, m_card->isVisible());
}

void StepChart::setOverlays(std::vector<OverlaidHistory> overlays) {
  for (const auto& overlay : m_overlays)
    for (auto* graph : overlay.graphs) m_plot->removeGraph(graph);
  m_overlays.clear();
  for (auto& run : overlays) {
    Overlay overlay{std::move(run), {}, {}};
    for (std::size_t i = 0; i < m_lines.size(); ++i) {
      overlay.graphs.push_back(addGraph());
      overlay.graphs.back()->setLayer(QStringLiteral("grid"));  // under the lines of the run at hand
    }
    m_overlays.push_back(std::move(overlay));
  }
  selectSeries();
  restyle();
  refresh();
}

void StepChart::clearData() {
  m_places.reset();
  m_bands->setBands({});
  m_bands->setMarks({});
  m_cursor.reset();
  setHistory(nullptr);
  setCursor(std::nullopt);
  fit();
}

// What nobody sees is drawn when it is shown: a run goes on behind other pages, too.
void StepChart::redraw() {
  if (isVisible()) m_plot->replot(QCustomPlot::rpQueuedReplot);
}

// The plot itself would draw at once, so that all charts of a page would hold up one layout. Here only the places of
// its parts are found, and each chart is drawn in a call of its own.
void StepChart::takeSize() {
  m_plot->setViewport(m_plot->rect());
  for (const auto phase : {QCPLayoutElement::upPreparation, QCPLayoutElement::upMargins, QCPLayoutElement::upLayout})
    m_plot->plotLayout()->update(phase);
  redraw();
  if (!m_fitted) return;
  QMetaObject::invokeMethod(
      this,
      [this] {
        if (m_fitted) refresh();
      },
      Qt::QueuedConnection);
}

void StepChart::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  redraw();
}

void StepChart::setAxis(StepAxis axis) {
  if (axis == m_axis) return;
  const auto [low, high] = shownSteps();
  m_axis = axis;
  m_plot->xAxis->ticker().staticCast<StepTicker>()->setAxis(axis);
  selectSeries();
  if (!m_fitted) {
    m_applying = true;
    m_plot->xAxis->setRange(position(low), position(high));
    m_applying = false;
  }
  restyle();
  refresh();
  if (m_card->isVisible()) placeCard();
}

void StepChart::setBands(std::vector<StepBand> bands) {
  m_bands->setBands(std::move(bands));
  redraw();
}

void StepChart::setMarks(std::vector<StepMark> marks) {
  std::ranges::stable_sort(marks, {}, &StepMark::step);
  m_bands->setMarks(std::move(marks));
  redraw();
}

void StepChart::setBandsVisible(bool visible) {
  m_bandsVisible = visible;
  m_bands->setBandsShown(visible);
  redraw();
}

void StepChart::setLogValues(bool on) {
  if (m_logValues == on) return;
  m_logValues = on;
  m_chosenValues.reset();
  m_applying = true;  // the axis may mend its range, which is no zoom
  m_plot->yAxis->setScaleType(on ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
  m_applying = false;
  m_plot->yAxis->ticker().staticCast<ValueTicker>()->setLogarithmic(on);
  m_dirty = true;
  const auto [low, high] = shownSteps();
  applyValueRange(low, high);  // the shown values mean something else now; the shown steps stay
  redraw();
}

void StepChart::setLogSteps(bool on) {
  if (m_logSteps == on) return;
  m_logSteps = on;
  m_plot->xAxis->ticker().staticCast<StepTicker>()->setLogarithmic(on);
  m_applying = true;
  m_plot->xAxis->setScaleType(on ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
  m_applying = false;
  m_dirty = true;
  if (m_fitted) applyRange();
  redraw();
  placeCard();
}

void StepChart::setSmoothing(const Smoothing& smoothing) {
  m_smoothing = smoothing;
  restyle();
  if (m_cursor) setCursor(m_cursor, m_card->isVisible());
}

void StepChart::setBandOfExtremes(bool on) {
  m_bandOfExtremes = on;
  m_dirty = true;
  redraw();
}

void StepChart::setLineVisible(int line, bool visible) {
  const auto index = std::size_t(line);
  if (m_visible[index] == visible) return;
  m_visible[index] = visible;
  m_dirty = true;
  if (m_fitted) applyRange();
  redraw();
  if (m_cursor) setCursor(m_cursor, m_card->isVisible());
}

void StepChart::setValueText(std::function<QString(double)> text) {
  m_plot->yAxis->ticker().staticCast<ValueTicker>()->setText(std::move(text));
  redraw();
}

void StepChart::setByteValues() {
  m_plot->yAxis->ticker().staticCast<ValueTicker>()->setBytes(true);
  setValueText(theme::bytesText);
}

void StepChart::setValueTitle(const QString& title) {
  m_valueTitle = title;
  restyle();
}

QString StepChart::shownTitle() const {
  if (m_valueTitle.isEmpty() || !m_smoothing.isOn()) return m_valueTitle;
  return tr("%1; thick: average", "what an axis counts, and which of the lines are averages").arg(m_valueTitle);
}

void StepChart::setCompact(bool compact) {
  m_compact = compact;
  restyle();
  updateGeometry();
}

QPointF StepChart::positionOf(double step, double value) const {
  return QPointF(m_plot->xAxis->coordToPixel(position(step)), m_plot->yAxis->coordToPixel(value)) + m_plot->pos();
}

QPointF StepChart::positionOfMark(std::size_t mark) const {
  return m_bands->markPosition(mark) + m_plot->pos();
}

QRectF StepChart::plotArea() const {
  return QRectF(m_plot->axisRect()->rect()).translated(m_plot->pos());
}

void StepChart::changeEvent(QEvent* event) {
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::StyleChange) restyle();
  QWidget::changeEvent(event);
}

}  // namespace llavakd
