// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/train/chart_controls.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QMenu>
#include <QSlider>
#include <QToolButton>
#include <QVBoxLayout>
#include <QWheelEvent>
#include <cmath>

#include "widgets/charts/legend_entry.h"
#include "widgets/charts/step_chart.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/parts.h"

namespace llavakd {
namespace {

constexpr int chartControlsWidth = 172;

// The page scrolls; a choice must not change because the wheel passes over it.
class SteadyChoice : public QComboBox {
 protected:
  void wheelEvent(QWheelEvent* event) override { event->ignore(); }
};

}  // namespace

ChartControls::ChartControls(const std::vector<std::pair<std::string, QString>>& terms, QWidget* parent)
    : QWidget(parent), m_settings(readChartSettings()), m_layout(new QVBoxLayout(this)) {
  setFixedWidth(chartControlsWidth);
  m_layout->setContentsMargins(theme::gapSmall, theme::gapTiny, theme::gapTiny, theme::gapTiny);
  m_layout->setSpacing(theme::gapTiny);
  auto* legend = new QVBoxLayout;
  legend->setSpacing(0);
  for (const auto& [term, label] : terms) {
    auto* entry = new LegendEntry(label, [name = term] { return theme::termPen(name); });
    entry->setChecked(!isTermHidden(term));
    connect(entry, &LegendEntry::toggled, this, [this, index = int(m_legend.size()), name = term](bool shown) {
      setTermHidden(name, !shown);
      Q_EMIT termToggled(index, shown);
    });
    m_legend.push_back(entry);
    legend->addWidget(entry);
  }
  m_layout->addLayout(legend);
  m_runLayout = new QVBoxLayout;
  m_runLayout->setSpacing(0);
  m_layout->addLayout(m_runLayout);
  m_layout->addSpacing(theme::gapSmall);

  addChoice(tr("What is shown of the terms"),
            tr("Raw: the mean over the samples. Weighted: that times the term's weight. Share: of the weighted total."),
            {tr("Raw values"), tr("Weighted values"), tr("Share of the total")}, int(m_settings.view),
            [this](int chosen) { m_settings.view = LossView(chosen); });
  addChoice(tr("What the horizontal axis counts"),
            tr("Stage by stage: every stage takes the same width, so that runs of other lengths can be compared."),
            {tr("Over steps"), tr("Stage by stage"), tr("Over samples"), tr("Over tokens"), tr("Over hours")},
            int(m_settings.axis), [this](int chosen) { m_settings.axis = StepAxis(chosen); });
  addSmoothing();
  m_layout->addSpacing(theme::gapTiny);
  addSwitch(tr("Log values"), tr("Equal ratios take equal heights"), &ChartSettings::logValues);
  m_logSteps = addSwitch(tr("Log axis of steps"), tr("The first steps get more room"), &ChartSettings::logSteps);
  addSwitch(tr("Stages"), tr("Show the stages as bands behind the lines, and checkpoints and scores above them"),
            &ChartSettings::stages);
  m_layout->addStretch(1);

  m_fit = new QToolButton;
  m_fit->setText(tr("Fit to data"));
  m_fit->setAutoRaise(true);
  m_fit->setToolTip(tr("Show all steps and follow new ones (double click on a chart, or Home)"));
  connect(m_fit, &QToolButton::clicked, this, &ChartControls::fitRequested);
  m_layout->addWidget(m_fit);
  m_tables = addMenu(QStringLiteral("table"), tr("Table"), tr("The numbers of a chart as a table (T on the chart)"),
                     QStringLiteral("table"));
  m_exports = addMenu(QStringLiteral("download"), tr("Export"),
                      tr("Save a chart as a picture or as numbers, or copy it"), QStringLiteral("export"));
  setFitted(true);
  showState();
}

QMenu* ChartControls::addMenu(const QString& icon, const QString& text, const QString& toolTip, const QString& name) {
  auto* button = makeToolButton(icon, text, toolTip);
  auto* menu = new QMenu(button);
  button->setMenu(menu);
  button->setPopupMode(QToolButton::InstantPopup);
  button->setObjectName(name);
  m_layout->addWidget(button);
  return menu;
}

QComboBox* ChartControls::addChoice(const QString& name, const QString& toolTip, const QStringList& choices, int chosen,
                                    std::function<void(int)> choose) {
  auto* box = new SteadyChoice;
  box->addItems(choices);
  box->setCurrentIndex(chosen);
  box->setAccessibleName(name);
  box->setToolTip(name + QStringLiteral(". ") + toolTip);
  box->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  box->setMinimumContentsLength(8);
  connect(box, &QComboBox::currentIndexChanged, this, [this, choose = std::move(choose)](int index) {
    choose(index);
    take();
  });
  m_layout->addWidget(box);
  return box;
}

QCheckBox* ChartControls::addSwitch(const QString& text, const QString& toolTip, bool ChartSettings::*value) {
  auto* box = new QCheckBox(text);
  box->setToolTip(toolTip);
  box->setChecked(m_settings.*value);
  connect(box, &QCheckBox::toggled, this, [this, value](bool on) {
    m_settings.*value = on;
    take();
  });
  m_layout->addWidget(box);
  return box;
}

void ChartControls::addSmoothing() {
  addChoice(tr("How lines are smoothed"),
            tr("The moving average looks back, the centred mean looks both ways. Raw values stay visible, fainter."),
            {tr("Not smoothed"), tr("Moving average"), tr("Centred mean")}, int(m_settings.smoothing.kind),
            [this](int chosen) { m_settings.smoothing.kind = Smoothing::Kind(chosen); });
  m_smoothingText = new TextLabel({}, theme::Size::caption, TextLabel::Tone::muted);
  m_smoothing = new QSlider(Qt::Horizontal);
  m_smoothing->setRange(0, 99);
  m_smoothing->setValue(int(std::lround(100 * m_settings.smoothing.factor)));
  m_smoothing->setToolTip(tr("Share of the past in the moving average; the centred mean takes as many steps. 0: off."));
  m_smoothing->setAccessibleName(tr("Smoothing"));
  m_smoothingText->setBuddy(m_smoothing);
  connect(m_smoothing, &QSlider::valueChanged, this, [this](int percent) {
    m_settings.smoothing.factor = percent / 100.0;
    take();
  });
  m_layout->addWidget(m_smoothingText);
  m_layout->addWidget(m_smoothing);
  m_band = addSwitch(tr("Min–max band"), tr("Shade the smallest to the largest of the values that are smoothed"),
                     &ChartSettings::bandOfExtremes);
}

void ChartControls::take() {
  writeChartSettings(m_settings);
  showState();
  Q_EMIT changed();
}

// What has no effect is greyed.
void ChartControls::showState() {
  const Smoothing& smoothing = m_settings.smoothing;
  const bool kind = smoothing.kind != Smoothing::Kind::off;
  m_smoothing->setEnabled(kind);
  m_band->setEnabled(smoothing.isOn());
  m_logSteps->setEnabled(m_settings.axis != StepAxis::stage);
  m_smoothingText->setText(!smoothing.isOn() ? tr("Smoothing off")
                           : smoothing.kind == Smoothing::Kind::exponential
                               ? tr("Smoothing %1").arg(theme::fixedNumber(smoothing.factor, 2))
                               : tr("Mean of %1 steps").arg(theme::wholeNumber(qint64(smoothing.window()))));
}

void ChartControls::setRuns(const std::vector<std::pair<QString, bool>>& runs) {
  for (auto* entry : m_runs) delete entry;
  m_runs.clear();
  for (const auto& [name, baseline] : runs) {
    auto* entry = new LegendEntry(name, [baseline = baseline, place = m_runs.size()] {
      return overlaidPen(theme::termPen("total"), baseline, place);
    });
    entry->setToolTip(baseline ? tr("%1, the baseline. Show or hide this run").arg(name)
                               : tr("%1. Show or hide this run").arg(name));
    connect(entry, &LegendEntry::toggled, this, &ChartControls::runToggled);
    m_runs.push_back(entry);
    m_runLayout->addWidget(entry);
  }
}

bool ChartControls::isRunShown(std::size_t run) const {
  return m_runs[run]->isChecked();
}

bool ChartControls::isTermShown(std::size_t term) const {
  return m_legend[term]->isChecked();
}

std::optional<std::size_t> ChartControls::termShownAlone() const {
  std::optional<std::size_t> alone;
  for (std::size_t i = 0; i < m_legend.size(); ++i) {
    if (!isTermShown(i)) continue;
    if (alone) return std::nullopt;
    alone = i;
  }
  return alone;
}

void ChartControls::showTermAlone(std::optional<std::size_t> term) {
  // First what is shown: at no moment there is nothing.
  for (const bool shown : {true, false})
    for (std::size_t i = 0; i < m_legend.size(); ++i)
      if ((!term || term == i) == shown) m_legend[i]->setChecked(shown);
}

void ChartControls::setFitted(bool fitted) {
  m_fit->setEnabled(!fitted);
}

}  // namespace llavakd
