// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/train/run_charts.h"

#include <QAction>
#include <QFontDatabase>
#include <QHBoxLayout>
#include <QMenu>
#include <QPlainTextEdit>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>

#include "widgets/charts/step_chart.h"
#include "widgets/document/background.h"
#include "widgets/document/conversions.h"
#include "widgets/pages/train/alert_list.h"
#include "widgets/pages/train/chart_controls.h"
#include "widgets/pages/train/phase_bar.h"
#include "widgets/pages/train/score_tile.h"
#include "widgets/pages/train/term_lines.h"
#include "widgets/pages/train/term_tile.h"
#include "widgets/theme/flow_layout.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/parts.h"

namespace llavakd {
namespace {

constexpr int termChartStretch = 5, panelStretch = 2, textPanelHeight = 3 * theme::rowHeight;

}  // namespace

RunCharts::RunCharts(QWidget* parent)
    : QWidget(parent),
      m_chart(new StepChart),
      m_controls(new ChartControls(shownTerms())),
      m_score(new ScoreTile),
      m_phaseBar(new PhaseBar),
      m_switches(new FlowLayout),
      m_column(new QVBoxLayout),
      m_alerts(new AlertList),
      m_record(new QPlainTextEdit),
      m_loading(new TextLabel({}, theme::Size::caption, TextLabel::Tone::muted)) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(theme::gap);
  layout->addWidget(makeTiles());

  m_chart->setLines(termLines());
  m_chart->setAccessibleName(tr("Terms of the loss over the steps"));
  m_chart->setObjectName(QStringLiteral("termChart"));
  m_chart->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);

  auto* card = new Card;
  card->body()->setContentsMargins(theme::gapSmall, theme::gapSmall, theme::gapSmall, theme::gapSmall);
  auto* row = new QHBoxLayout;
  row->setSpacing(theme::gapSmall);
  row->addLayout(m_column, 1);
  row->addWidget(m_controls);
  card->body()->addLayout(row);
  m_column->setSpacing(theme::gapTiny);
  m_column->addLayout(m_switches);  // above what they show, or they would move with each click
  m_column->addWidget(m_loading);
  m_loading->hide();
  m_column->addWidget(m_chart, termChartStretch);
  makeMetrics();
  addPanel({QStringLiteral("alerts"), nullptr, nullptr}, tr("Alerts"), false, m_alerts);
  m_alerts->setMinimumHeight(textPanelHeight);
  addText(QStringLiteral("record"), tr("Record"), m_record);
  m_log = makeToolButton({}, tr("Log"), tr("Show or hide the run's log under the page (Ctrl+L)"));
  m_log->setToolButtonStyle(Qt::ToolButtonTextOnly);
  m_log->setObjectName(QStringLiteral("log"));
  connect(m_log, &QToolButton::clicked, this, &RunCharts::logRequested);
  m_switches->addWidget(m_log);
  m_record->setPlaceholderText(tr("What each stage is trained with appears here when it begins."));
  m_record->setAccessibleName(tr("What each stage was trained with"));
  layout->addWidget(card, 1);

  for (auto* chart : allCharts()) link(chart);
  addExportActions(m_chart, QStringLiteral("loss"), &m_origin);
  for (const auto& panel : m_panels)
    if (panel.chart) addExportActions(panel.chart, panel.id, &m_origin);
  for (const auto& [menu, action] : {std::pair(m_controls->exportMenu(), QStringLiteral("export")),
                                     std::pair(m_controls->tableMenu(), QStringLiteral("table"))})
    connect(menu, &QMenu::aboutToShow, this, [this, menu = menu, action = action] { fillChartMenu(menu, action); });
  connect(m_chart, &StepChart::markClicked, this, &RunCharts::markClicked);
  connect(m_alerts, &AlertList::stepActivated, this, &RunCharts::showStep);
  connect(m_chart, &StepChart::fittedChanged, m_controls, &ChartControls::setFitted);
  connect(m_controls, &ChartControls::fitRequested, m_chart, &StepChart::fit);
  connect(m_controls, &ChartControls::changed, this, &RunCharts::applySettings);
  connect(m_controls, &ChartControls::runToggled, this, &RunCharts::showOverlays);
  connect(m_controls, &ChartControls::termToggled, this, &RunCharts::showLines);
  applySettings();
}

QWidget* RunCharts::makeTiles() {
  auto* row = new QWidget;
  auto* tiles = new QHBoxLayout(row);
  tiles->setContentsMargins(0, 0, 0, 0);
  tiles->setSpacing(theme::gap);
  for (const auto& [term, label] : shownTerms()) {
    m_tiles.push_back(new TermTile(toQString(term), label));
    connect(m_tiles.back(), &TermTile::clicked, this, [this, index = m_tiles.size() - 1](bool alone) {
      m_controls->showTermAlone(alone ? std::optional(index) : std::nullopt);
      m_chart->fitValues();  // another term has other values
    });
    tiles->addWidget(m_tiles.back());
  }
  tiles->addWidget(m_score);
  return row;
}

void RunCharts::makeMetrics() {
  addMetric(QStringLiteral("gradient_norm"), tr("Gradient norm"), tr("Gradient norm"),
            {metricLine(tr("Gradient norm"), "grad_norm", plainText)}, true);
  addMetric(QStringLiteral("learning_rate"), tr("Learning rate"), tr("Learning rate"),
            {metricLine(tr("Learning rate"), "learning_rate", plainText)}, true);
  addMetric(QStringLiteral("speed"), tr("Speed"), tr("Seconds a step; dashed: of which waiting for data"),
            {metricLine(tr("Seconds a step"), "seconds", secondsText),
             metricLine(tr("of which waiting for data"), "waiting_seconds", secondsText, true)},
            false, m_phaseBar);
  addMetric(QStringLiteral("memory"), tr("Memory"), tr("Memory of the engine"),
            {metricLine(tr("Memory of the engine"), "memory_bytes", theme::bytesText)}, false);
  addMetric(QStringLiteral("probes"), tr("Probes"), tr("1 − cosine of the two models' relations, mean of the probes"),
            {metricLine(tr("1 − cosine"), lookKey, plainText)}, false);
}

void RunCharts::addMetric(const QString& id, const QString& title, const QString& axis, std::vector<StepLine> lines,
                          bool shown, QWidget* above) {
  auto* chart = new StepChart;
  chart->setLines(std::move(lines));
  chart->setCompact(true);
  chart->setValueTitle(axis);
  if (id == QStringLiteral("memory")) chart->setByteValues();
  chart->setAccessibleName(tr("%1 over the steps").arg(title));
  QWidget* content = chart;
  if (above) {
    content = new QWidget;
    auto* layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(theme::gapTiny);
    layout->addWidget(above);
    layout->addWidget(chart, 1);
  }
  addPanel({id, nullptr, chart}, title, shown, content);
}

void RunCharts::addText(const QString& id, const QString& title, QPlainTextEdit* text) {
  text->setReadOnly(true);
  text->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
  text->setLineWrapMode(QPlainTextEdit::NoWrap);
  text->setFrameShape(QFrame::NoFrame);
  text->setMinimumHeight(textPanelHeight);
  addPanel({id, nullptr, nullptr}, title, false, text);
}

void RunCharts::addPanel(const Panel& panel, const QString& title, bool shown, QWidget* content) {
  auto* button = new QToolButton;
  button->setText(title);
  button->setCheckable(true);
  button->setAutoRaise(true);
  button->setObjectName(panel.id);
  button->setToolTip(tr("Show or hide this below the loss"));
  connect(button, &QToolButton::toggled, this, [content, id = panel.id](bool on) {
    content->setVisible(on);
    setPanelShown(id, on);
  });
  m_switches->addWidget(button);
  m_column->addWidget(content, panelStretch);
  const bool wanted = isPanelShown(panel.id, shown);
  content->setVisible(wanted);
  button->setChecked(wanted);
  m_panels.push_back(panel);
  m_panels.back().shown = button;
}

StepChart* RunCharts::panelChart(const QString& panel) const {
  const auto found = std::ranges::find(m_panels, panel, &Panel::id);
  return found == m_panels.end() ? nullptr : found->chart;
}

QToolButton* RunCharts::panelSwitch(const QString& panel) const {
  const auto found = std::ranges::find(m_panels, panel, &Panel::id);
  return found == m_panels.end() ? nullptr : found->shown;
}

std::vector<StepChart*> RunCharts::allCharts() const {
  std::vector<StepChart*> charts{m_chart};
  for (const auto& panel : m_panels)
    if (panel.chart) charts.push_back(panel.chart);
  return charts;
}

// One crosshair and one stretch of steps for all charts.
void RunCharts::link(StepChart* chart) {
  const auto others = [this, chart](auto&& action) {
    if (m_linking) return;
    m_linking = true;
    for (auto* other : allCharts())
      if (other != chart) action(other);
    m_linking = false;
  };
  connect(chart, &StepChart::cursorMoved, this,
          [others](std::optional<double> step) { others([&](StepChart* other) { other->setCursor(step); }); });
  connect(chart, &StepChart::shownStepsChanged, this, [others, chart](double low, double high) {
    others([&](StepChart* other) { chart->isFitted() ? other->fit() : other->showSteps(low, high); });
  });
}

void RunCharts::applySettings() {
  const ChartSettings& settings = m_controls->settings();
  for (auto* chart : allCharts()) {
    // The learning rate is set, not measured: an average would show values that it never had.
    const bool measured = chart != panelChart(QStringLiteral("learning_rate"));
    chart->setSmoothing(measured ? settings.smoothing : Smoothing());
    chart->setBandOfExtremes(settings.bandOfExtremes);
    chart->setBandsVisible(settings.stages);
    chart->setLogValues(settings.logValues && !(chart == m_chart && settings.view == LossView::share));
    chart->setLogSteps(settings.logSteps && settings.axis != StepAxis::stage);
    chart->setAxis(settings.axis);
  }
  m_chart->setValueTitle(lossTitle(settings.view));
  m_chart->setValueText([view = settings.view](double value) { return lossTick(view, value); });
  showLines();
  if (std::exchange(m_view, settings.view) != settings.view) m_chart->fitValues();
}

// In shares the total has no line: it would be the upper edge. Alone, it is all that it is made of.
void RunCharts::showLines() {
  const LossView shown = m_controls->settings().view;
  const auto alone = m_controls->termShownAlone();
  const bool parts = shown == LossView::share && alone == std::size_t(0);
  for (const auto view : {LossView::raw, LossView::weighted, LossView::share})
    for (std::size_t term = 0; term < m_tiles.size(); ++term)
      m_chart->setLineVisible(termLine(view, term), view == shown && (term > 0 || view != LossView::share) &&
                                                        (parts || m_controls->isTermShown(term)));
  for (std::size_t term = 0; term < m_tiles.size(); ++term) m_tiles[term]->setChecked(alone == term);
}

void RunCharts::setOverlays(std::vector<OverlaidHistory> runs) {
  auto before = std::exchange(m_overlays, std::move(runs));
  std::vector<std::pair<QString, bool>> names;
  for (auto& run : m_overlays) {
    run.place = names.size();
    names.emplace_back(run.name, run.baseline);
  }
  m_controls->setRuns(names);
  showOverlays();
  releaseInBackground(std::move(before));
}

void RunCharts::showOverlays() {
  std::vector<OverlaidHistory> shown;
  for (std::size_t i = 0; i < m_overlays.size(); ++i)
    if (m_controls->isRunShown(i)) shown.push_back(m_overlays[i]);
  for (auto* chart : allCharts())
    if (chart != panelChart(QStringLiteral("probes"))) chart->setOverlays(shown);
}

// One entry a chart that is in view; what it does is in the chart's own menu as well.
void RunCharts::fillChartMenu(QMenu* menu, const QString& action) {
  menu->clear();
  const auto add = [menu, action](const QString& title, StepChart* chart) {
    menu->addAction(title, chart, [chart, action] { chart->findChild<QAction*>(action)->trigger(); });
  };
  add(tr("Loss…"), m_chart);
  for (const auto& panel : m_panels)
    if (panel.chart && panel.shown->isChecked()) add(tr("%1…").arg(panel.shown->text()), panel.chart);
}

void RunCharts::markClicked(double step) {
  const bool saved = std::ranges::any_of(m_marks, [step](const StepMark& mark) { return mark.step == step; });
  if (saved) return Q_EMIT stepChosen(qint64(step));
  panelSwitch(QStringLiteral("alerts"))->setChecked(true);
  m_alerts->selectStep(step);
}

void RunCharts::setLoading(std::optional<double> share) {
  if (share)
    m_loading->setText(tr("Reading the history, %1\u202f%; the newest steps are here already.")
                           .arg(theme::wholeNumber(qint64(100 * *share))));
  m_loading->setVisible(share.has_value());
}

// With the crosshair; brought into view where it isn't.
void RunCharts::showStep(double step) {
  const auto [low, high] = m_chart->shownSteps();
  if (step < low || step > high)
    for (auto* chart : allCharts()) chart->showSteps(step - (high - low) / 2, step + (high - low) / 2);
  for (auto* chart : allCharts()) chart->setCursor(step, chart == m_chart);
}

}  // namespace llavakd
