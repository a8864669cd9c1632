// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/train/run_charts.h"

#include <QCheckBox>
#include <QFontDatabase>
#include <QHBoxLayout>
#include <QLabel>
#include <QPlainTextEdit>
#include <QSettings>
#include <QSlider>
#include <QSplitter>
#include <QTabWidget>
#include <QToolButton>
#include <QVBoxLayout>
#include <cmath>

#include "core/project/catalog.h"
#include "widgets/charts/legend_entry.h"
#include "widgets/charts/step_chart.h"
#include "widgets/document/conversions.h"
#include "widgets/pages/train/phase_bar.h"
#include "widgets/pages/train/score_tile.h"
#include "widgets/pages/train/term_tile.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/parts.h"

namespace llavakd {
namespace {

constexpr int controlsWidth = 168, logLines = 5000, defaultSmoothing = 60;

struct TermName {
  std::string term;
  QString label;
};

// The catalog's terms, and the total over them.
std::vector<TermName> shownTerms() {
  std::vector<TermName> names{{"total", RunCharts::tr("Total")}};
  for (const auto& entry : catalog::terms()) names.push_back({std::string(entry.name), toQString(entry.label)});
  return names;
}

// By name: the catalog grows, and an index then means another term.
QString hiddenKey(const std::string& term) {
  return QStringLiteral("train/hidden/") + toQString(term);
}

// A term that the stage at hand doesn't have shows as a dash.
QString plainText(double value) {
  return std::isfinite(value) ? theme::number(value) : QStringLiteral("–");
}
QString secondsText(double value) {
  return QStringLiteral("%1 s").arg(theme::number(value));
}
double memoryOf(const StepEvent& step) {
  return step.memory_bytes ? double(*step.memory_bytes) : NAN;
}
QString bytesText(double value) {
  return theme::shortCount(value, QStringLiteral("B"));
}

}  // namespace

RunCharts::RunCharts(QWidget* parent)
    : QWidget(parent),
      m_chart(new StepChart),
      m_score(new ScoreTile),
      m_phaseBar(new PhaseBar),
      m_tabs(new QTabWidget),
      m_log(new QPlainTextEdit),
      m_record(new QPlainTextEdit) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(theme::gap);

  auto* tiles = new QHBoxLayout;
  tiles->setSpacing(theme::gap);
  std::vector<StepLine> lines;
  for (const auto& [term, label] : shownTerms()) {
    m_tiles.push_back(new TermTile(toQString(term), label));
    tiles->addWidget(m_tiles.back());
    lines.push_back({label, [name = term] { return theme::termPen(name); }, plainText});
  }
  tiles->addWidget(m_score);
  layout->addLayout(tiles);
  m_chart->setLines(std::move(lines));
  m_chart->setAccessibleName(tr("Terms of the loss over the steps"));
  m_chart->setObjectName(QStringLiteral("termChart"));

  auto* card = new Card;
  card->body()->setContentsMargins(theme::gapSmall, theme::gapSmall, theme::gapSmall, theme::gapSmall);
  auto* row = new QHBoxLayout;
  row->setSpacing(theme::gapSmall);
  row->addWidget(m_chart, 1);
  row->addWidget(makeControls());
  card->body()->addLayout(row);

  m_tabs->setDocumentMode(true);
  addMetric(tr("Gradient norm"), {{tr("Gradient norm"), &StepEvent::grad_norm}}, plainText);
  addMetric(tr("Learning rate"), {{tr("Learning rate"), &StepEvent::learning_rate}}, plainText);
  addMetric(
      tr("Speed"),
      {{tr("Seconds a step"), &StepEvent::seconds}, {tr("of which waiting for data"), &StepEvent::waiting_seconds}},
      secondsText, m_phaseBar);
  addMetric(tr("Memory"), {{tr("Memory of the engine"), memoryOf}}, bytesText);
  for (auto* text : {m_log, m_record}) {
    text->setReadOnly(true);
    text->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    text->setLineWrapMode(QPlainTextEdit::NoWrap);
    text->setFrameShape(QFrame::NoFrame);
  }
  m_log->setMaximumBlockCount(logLines);
  m_log->setPlaceholderText(tr("What the engine writes to engine.log appears here."));
  m_log->setAccessibleName(tr("Log of the run"));
  m_tabs->addTab(m_log, tr("Log"));
  m_record->setPlaceholderText(tr("What each stage is trained with appears here when it begins."));
  m_record->setAccessibleName(tr("What each stage was trained with"));
  m_tabs->addTab(m_record, tr("Record"));

  auto* splitter = new QSplitter(Qt::Vertical);
  splitter->setChildrenCollapsible(false);
  splitter->addWidget(card);
  splitter->addWidget(m_tabs);
  splitter->setStretchFactor(0, 5);
  splitter->setStretchFactor(1, 2);
  splitter->setHandleWidth(theme::gapSmall);
  splitter->setSizes({500, 190});
  layout->addWidget(splitter, 1);

  link(m_chart);
  connect(m_chart, &StepChart::markClicked, this, [this](double step) { Q_EMIT stepChosen(qint64(step)); });
  restoreSettings();
}

QWidget* RunCharts::makeControls() {
  auto* column = new QWidget;
  column->setFixedWidth(controlsWidth);
  auto* layout = new QVBoxLayout(column);
  layout->setContentsMargins(theme::gapSmall, theme::gapTiny, theme::gapTiny, theme::gapTiny);
  layout->setSpacing(0);
  const auto names = shownTerms();
  for (std::size_t i = 0; i < names.size(); ++i) {
    auto* entry = new LegendEntry(names[i].label, [name = names[i].term] { return theme::termPen(name); });
    connect(entry, &LegendEntry::toggled, this, [this, i, key = hiddenKey(names[i].term)](bool on) {
      m_chart->setLineVisible(int(i), on);
      QSettings().setValue(key, !on);
    });
    m_legend.push_back(entry);
    layout->addWidget(entry);
  }
  layout->addSpacing(theme::gap);

  m_smoothingText = new TextLabel({}, theme::Size::caption, TextLabel::Tone::muted);
  m_smoothing = new QSlider(Qt::Horizontal);
  m_smoothing->setRange(0, 99);
  m_smoothing->setToolTip(tr("Share of the past in the moving average. The raw values stay visible, fainter. 0: off."));
  m_smoothing->setAccessibleName(tr("Smoothing"));
  m_smoothingText->setBuddy(m_smoothing);
  connect(m_smoothing, &QSlider::valueChanged, this, [this](int percent) {
    m_smoothingText->setText(percent ? tr("Smoothing %1").arg(theme::fixedNumber(percent / 100.0, 2))
                                     : tr("Smoothing off"));
    m_chart->setSmoothing(percent / 100.0);
    QSettings().setValue(QStringLiteral("train/smoothing"), percent);
  });
  layout->addWidget(m_smoothingText);
  layout->addWidget(m_smoothing);
  layout->addSpacing(theme::gapSmall);

  m_logarithmic = new QCheckBox(tr("Log scale"));
  m_logarithmic->setToolTip(tr("Equal ratios take equal heights"));
  connect(m_logarithmic, &QCheckBox::toggled, this, [this](bool on) {
    m_chart->setLogValues(on);
    QSettings().setValue(QStringLiteral("train/log"), on);
  });
  m_showBands = new QCheckBox(tr("Stages"));
  m_showBands->setToolTip(tr("Show the stages as bands behind the lines, and the checkpoints"));
  m_showBands->setChecked(true);
  connect(m_showBands, &QCheckBox::toggled, m_chart, &StepChart::setBandsVisible);
  layout->addWidget(m_logarithmic);
  layout->addSpacing(theme::gapTiny);
  layout->addWidget(m_showBands);
  layout->addStretch(1);

  m_fit = new QToolButton;
  m_fit->setText(tr("Fit to data"));
  m_fit->setAutoRaise(true);
  m_fit->setEnabled(false);
  m_fit->setToolTip(tr("Show all steps and follow new ones (double click on the chart, or Home)"));
  connect(m_fit, &QToolButton::clicked, m_chart, &StepChart::fit);
  connect(m_chart, &StepChart::fittedChanged, m_fit, [this](bool fitted) { m_fit->setEnabled(!fitted); });
  layout->addWidget(m_fit);
  return column;
}

void RunCharts::restoreSettings() {
  const QSettings settings;
  m_logarithmic->setChecked(settings.value(QStringLiteral("train/log"), true).toBool());
  const int percent = settings.value(QStringLiteral("train/smoothing"), defaultSmoothing).toInt();
  m_smoothing->setValue(percent == 0 ? 1 : 0);  // so that the next line always changes the value
  m_smoothing->setValue(percent);
  const auto names = shownTerms();
  for (std::size_t i = 0; i < m_legend.size(); ++i)
    m_legend[i]->setChecked(!settings.value(hiddenKey(names[i].term)).toBool());
}

void RunCharts::addMetric(const QString& title, const std::vector<std::pair<QString, StepValue>>& lines,
                          QString (*text)(double), QWidget* above) {
  Metric metric{new StepChart, {}};
  std::vector<StepLine> pens;
  for (const auto& [label, value] : lines) {
    const bool first = pens.empty();
    pens.push_back(
        {label, [first] { return first ? QPen(theme::accent(), 1.5) : QPen(theme::mutedText(), 1.5, Qt::DashLine); },
         text});
    metric.values.push_back(value);
  }
  metric.chart->setLines(std::move(pens));
  if (text == bytesText) metric.chart->setValueText(text);
  metric.chart->setAccessibleName(tr("%1 over the steps").arg(title));
  link(metric.chart);
  QWidget* page = metric.chart;
  if (above) {
    page = new QWidget;
    auto* layout = new QVBoxLayout(page);
    layout->setContentsMargins(theme::gapSmall, theme::gapSmall, theme::gapSmall, 0);
    layout->setSpacing(theme::gapTiny);
    layout->addWidget(above);
    layout->addWidget(metric.chart, 1);
  }
  m_tabs->addTab(page, title);
  m_metrics.push_back(metric);
}

// One crosshair and one stretch of steps for all charts.
void RunCharts::link(StepChart* chart) {
  const auto others = [this, chart](auto&& action) {
    if (m_linking) return;
    m_linking = true;
    if (chart != m_chart) action(m_chart);
    for (const auto& metric : m_metrics)
      if (metric.chart != chart) action(metric.chart);
    m_linking = false;
  };
  connect(chart, &StepChart::cursorMoved, this,
          [others](std::optional<double> step) { others([&](StepChart* other) { other->setCursor(step); }); });
  connect(chart, &StepChart::shownStepsChanged, this, [others, chart](double low, double high) {
    others([&](StepChart* other) { chart->isFitted() ? other->fit() : other->showSteps(low, high); });
  });
}

void RunCharts::clear() {
  m_bandList.clear();
  m_marks.clear();
  m_chart->clearData();
  for (const auto& metric : m_metrics) metric.chart->clearData();
  showTiles();
  m_score->clear();
  m_profile.clear();
  m_phaseBar->setProfile(m_profile);
  m_log->clear();
  m_record->clear();
  m_warnings = 0;
  m_tabs->setTabText(m_tabs->indexOf(m_log), tr("Log"));
}

void RunCharts::append(const std::vector<Event>& events) {
  for (const auto& event : events) {
    if (const auto* step = event.as<StepEvent>()) appendStep(event, *step);
    m_profile.add(event);
    if (event.is<StageStartedEvent>()) beginBand(event);
    if (event.is<StageFinishedEvent>() && !m_bandList.empty()) m_bandList.back().end = double(event.step);
    if (event.is<CheckpointEvent>())
      m_marks.push_back({double(event.step), tr("checkpoint %1-%2").arg(toQString(event.stage)).arg(event.step)});
    if (const auto* evaluated = event.as<EvaluationEvent>()) m_score->addScore(event, *evaluated);
    if (const auto* warning = event.as<WarningEvent>()) appendWarning(event, *warning);
  }
  m_chart->setBands(m_bandList);
  m_chart->setMarks(m_marks);
  m_chart->appendDone();
  for (const auto& metric : m_metrics) {
    metric.chart->setBands(m_bandList);
    metric.chart->appendDone();
  }
  showTiles();
  m_phaseBar->setProfile(m_profile);
}

void RunCharts::showTiles() {
  const QString stage = m_bandList.empty() ? QString() : m_bandList.back().name;
  for (std::size_t i = 0; i < m_tiles.size(); ++i) m_tiles[i]->setSeries(m_chart->series(int(i)), stage);
}

// A run that goes on from its checkpoint leaves behind what it did after it.
void RunCharts::goBackTo(double step) {
  while (!m_bandList.empty() && m_bandList.back().begin >= step) m_bandList.pop_back();
  if (!m_bandList.empty() && m_bandList.back().end && *m_bandList.back().end >= step) m_bandList.back().end.reset();
  std::erase_if(m_marks, [step](const StepMark& mark) { return mark.step >= step; });
}

void RunCharts::appendWarning(const Event& event, const WarningEvent& warning) {
  const QString text = warning.message.empty() ? tr("A warning without words.") : toQString(warning.message);
  m_log->appendPlainText(tr("Warning at step %1: %2").arg(theme::wholeNumber(event.step), text));
  m_tabs->setTabText(m_tabs->indexOf(m_log),
                     ++m_warnings == 1 ? tr("Log (1 warning)") : tr("Log (%1 warnings)").arg(m_warnings));
  Q_EMIT warned(text);
}

void RunCharts::appendStep(const Event& event, const StepEvent& done) {
  const double step = double(event.step);
  const auto& known = m_chart->series(0).steps();
  if (!known.empty() && step <= known.back()) goBackTo(step);
  m_chart->append(0, step, done.total);
  int line = 1;
  for (const auto& entry : catalog::terms())  // a term that this stage lacks leaves a gap
    m_chart->append(line++, step, number_of(done.terms, entry.name));
  for (const auto& metric : m_metrics)
    for (std::size_t i = 0; i < metric.values.size(); ++i) metric.chart->append(int(i), step, metric.values[i](done));
}

void RunCharts::beginBand(const Event& event) {
  const double step = double(event.step);
  // One that goes on before its first step announces its stage again.
  if (!m_bandList.empty() && m_bandList.back().name == toQString(event.stage) && !m_bandList.back().end) return;
  if (!m_bandList.empty() && !m_bandList.back().end) m_bandList.back().end = step;
  m_chart->restartAverages();
  m_bandList.push_back({toQString(event.stage), step, std::nullopt});
}

void RunCharts::setRecord(const QString& text) {
  if (m_record->toPlainText() != text) m_record->setPlainText(text);
}

void RunCharts::appendLog(const QString& text) {
  const QString trimmed = text.endsWith(u'\n') ? text.chopped(1) : text;
  if (!trimmed.isEmpty()) m_log->appendPlainText(trimmed);
}

}  // namespace llavakd
