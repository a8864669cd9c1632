// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/project/estimate_table.h"

#include <QGridLayout>
#include <QHBoxLayout>
#include <QPushButton>
#include <QVBoxLayout>
#include <algorithm>

#include "widgets/theme/numbers.h"
#include "widgets/theme/parts.h"

namespace llavakd {
namespace {

TextLabel* estimateCell(const QString& text, TextLabel::Tone tone = TextLabel::Tone::normal) {
  auto* label = new TextLabel(text, theme::Size::body, tone);
  label->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
  return label;
}

QString withPrediction(const QString& measured, const QString& predicted) {
  return predicted.isEmpty() ? measured : EstimateTable::tr("%1 (predicted %2)").arg(measured, predicted);
}

QString runTime(const EstimatedStage& estimate) {
  if (!estimate.run) return EstimateTable::tr("–");
  const auto& predicted = estimate.run->predictedSeconds;
  return withPrediction(theme::durationText(estimate.run->seconds),
                        predicted ? theme::durationText(*predicted) : QString());
}

QString runMemory(const EstimatedStage& estimate) {
  if (!estimate.run) return EstimateTable::tr("–");
  const auto& predicted = estimate.run->predictedBytes;
  return withPrediction(theme::bytesText(estimate.run->memoryBytes),
                        predicted ? theme::bytesText(*predicted) : QString());
}

}  // namespace

EstimateTable::EstimateTable(const std::vector<EstimatedStage>& estimates, bool open, QWidget* parent)
    : QWidget(parent), m_estimates(estimates) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, theme::gapSmall, 0, 0);
  column->setSpacing(theme::gapTiny);
  auto* row = new QHBoxLayout;
  column->addLayout(row);
  auto* grid = new QGridLayout;
  grid->setHorizontalSpacing(theme::gapHuge);
  grid->setVerticalSpacing(theme::gapTiny);
  row->addLayout(grid);
  row->addStretch();
  const bool known =
      std::ranges::all_of(m_estimates, [](const EstimatedStage& each) { return each.seconds.has_value(); });
  auto* measure = new QPushButton(known ? tr("Measure again") : tr("Measure ten steps"), this);
  measure->setObjectName(QStringLiteral("measure"));
  measure->setToolTip(tr("Trains ten steps of each stage and forgets them: then time is known, and memory better."));
  connect(measure, &QPushButton::clicked, this, &EstimateTable::measureRequested);
  row->addWidget(measure, 0, Qt::AlignTop);
  addStages(grid);
  addParts(grid, open);
}

// A column for each stage, so that the parts of its memory stand below its sum.
void EstimateTable::addStages(QGridLayout* grid) {
  const QStringList heads = {tr("Steps"), tr("Time"), tr("Memory"), tr("Disk")};
  for (int row = 0; row < heads.size(); ++row)
    grid->addWidget(new TextLabel(heads[row], theme::Size::body, TextLabel::Tone::muted), row + 1, 0);
  int column = 1;
  for (const EstimatedStage& estimate : m_estimates) {
    grid->addWidget(estimateCell(estimate.stage, TextLabel::Tone::muted), 0, column);
    grid->addWidget(estimateCell(theme::wholeNumber(estimate.steps)), 1, column);
    grid->addWidget(estimateCell(estimate.seconds ? tr("about %1").arg(theme::durationText(*estimate.seconds))
                                                  : tr("not measured")),
                    2, column);
    grid->addWidget(estimateCell(theme::bytesText(estimate.memoryBytes)), 3, column);
    grid->addWidget(estimateCell(theme::bytesText(estimate.diskBytes)), 4, column);
    ++column;
  }
}

void EstimateTable::addParts(QGridLayout* grid, bool open) {
  auto* fold =
      makeToolButton({}, tr("Item by item"), tr("What time, memory and disk go to, predicted and measured"), this);
  fold->setObjectName(QStringLiteral("parts"));
  fold->setCheckable(true);
  grid->addWidget(fold, 5, 0, 1, int(m_estimates.size()) + 1, Qt::AlignLeft);
  const int first = grid->rowCount();
  addItems(grid, tr("Time"), &EstimatedStage::time, theme::durationText);
  addItems(grid, tr("Memory"), &EstimatedStage::memory, theme::bytesText);
  // Not everything is there at the same time.
  addRow(grid, tr("Predicted at most"),
         [](const EstimatedStage& estimate) { return theme::bytesText(estimate.predictedBytes); });
  addRow(grid, tr("Measured in short steps"), [](const EstimatedStage& estimate) {
    return estimate.measuredBytes ? theme::bytesText(*estimate.measuredBytes) : tr("–");
  });
  addItems(grid, tr("Disk"), &EstimatedStage::disk, theme::bytesText);
  if (std::ranges::any_of(m_estimates, [](const EstimatedStage& each) { return each.run.has_value(); })) {
    addCaption(grid, tr("Newest run"));
    addRow(grid, tr("Time"), runTime);
    addRow(grid, tr("Memory"), runMemory);
  }
  QWidgetList folded;
  for (int row = first; row < grid->rowCount(); ++row)
    for (int column = 0; column < grid->columnCount(); ++column)
      if (QLayoutItem* item = grid->itemAtPosition(row, column); item && !folded.contains(item->widget()))
        folded << item->widget();
  const auto apply = [fold, folded](bool shown) {
    for (QWidget* widget : folded) widget->setVisible(shown);
    fold->setIcon(theme::icon(shown ? QStringLiteral("chevron-down") : QStringLiteral("chevron-right")));
  };
  fold->setChecked(open);
  apply(open);
  connect(fold, &QToolButton::toggled, this, [this, apply](bool shown) {
    apply(shown);
    Q_EMIT openChanged(shown);
  });
}

void EstimateTable::addCaption(QGridLayout* grid, const QString& text) {
  grid->addWidget(new TextLabel(text, theme::Size::caption, TextLabel::Tone::muted), grid->rowCount(), 0, 1, -1);
}

void EstimateTable::addRow(QGridLayout* grid, const QString& name,
                           const std::function<QString(const EstimatedStage&)>& text) {
  const int row = grid->rowCount();
  grid->addWidget(new TextLabel(name, theme::Size::body, TextLabel::Tone::muted), row, 0);
  for (size_t i = 0; i < m_estimates.size(); ++i) grid->addWidget(estimateCell(text(m_estimates[i])), row, int(i) + 1);
}

// Those that any of the stages has.
void EstimateTable::addItems(QGridLayout* grid, const QString& caption, EstimatedStage::Parts EstimatedStage::*parts,
                             QString (*text)(double)) {
  QStringList names;
  for (const EstimatedStage& estimate : m_estimates)
    for (const auto& [name, value] : estimate.*parts)
      if (!names.contains(name)) names << name;
  if (names.isEmpty()) return;
  addCaption(grid, caption);
  for (const QString& name : names)
    addRow(grid, name, [&](const EstimatedStage& estimate) {
      const auto& own = estimate.*parts;
      const auto found = std::ranges::find(own, name, &std::pair<QString, double>::first);
      return found == own.end() ? tr("–") : text(found->second);
    });
}

}  // namespace llavakd
