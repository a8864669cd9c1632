// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// What RunCharts makes of a run's steps and events.
#include <QLabel>
#include <QPlainTextEdit>
#include <QToolButton>
#include <algorithm>
#include <optional>
#include <utility>

#include "core/project/term_catalog.h"
#include "widgets/document/background.h"
#include "widgets/document/conversions.h"
#include "widgets/pages/train/alert_list.h"
#include "widgets/pages/train/phase_bar.h"
#include "widgets/pages/train/run_charts.h"
#include "widgets/pages/train/score_tile.h"
#include "widgets/pages/train/term_lines.h"
#include "widgets/pages/train/term_tile.h"

namespace llavakd {

void RunCharts::clear() {
  m_steps = std::make_shared<const StepHistory>();
  m_looks.reset();
  m_marks.clear();
  m_lastStep = 0;
  m_stageEnd.reset();
  for (auto* chart : allCharts()) chart->clearData();
  showTiles();
  m_score->clear();
  m_profile.clear();
  m_phaseBar->setProfile(m_profile);
  m_searches.cancel();
  m_searching = false;
  m_finder = std::make_shared<const AlertFinder>();
  m_alerts->forget();
  showAlerts();
  m_record->clear();
  m_warnings = 0;
  m_log->setText(tr("Log"));
  setLoading(std::nullopt);
}

void RunCharts::setSteps(const std::shared_ptr<const StepHistory>& steps) {
  m_steps = steps;
  StepChart* looks = panelChart(QStringLiteral("probes"));
  for (auto* chart : allCharts())
    if (chart != looks) chart->setHistory(m_steps);
  looks->setPlaces(m_steps);
  showBands();
  showTiles();
  lookForAlerts();
}

void RunCharts::append(const std::vector<Event>& events) {
  std::optional<StepHistory> looks;  // with those that are new
  for (const auto& event : events) {
    const auto step = double(event.step);
    // A run that goes on from a checkpoint leaves behind what it did after it.
    if (event.is<StepEvent>()) {
      if (step <= m_lastStep) goBackTo(step);
      m_lastStep = step;
      m_stageEnd.reset();
    }
    if (event.is<RunResumedEvent>()) goBackTo(step + 1);
    m_profile.add(event);
    if (event.is<StageStartedEvent>()) m_stageEnd.reset();
    if (event.is<StageFinishedEvent>()) m_stageEnd = step;
    if (const auto* probe = event.as<ProbeEvent>()) {
      if (!looks) looks = m_looks ? *m_looks : StepHistory();
      looks->add_row(step, event.time, {{lookKey, number_of(probe->means, probe_curve_term().name)}});
    }
    if (const auto* evaluated = event.as<EvaluationEvent>()) m_score->addScore(event, *evaluated);
    if (const auto* warning = event.as<WarningEvent>()) appendWarning(*warning);
    appendMark(event);
    m_alerts->append(event);
  }
  if (looks) {
    m_looks = std::make_shared<const StepHistory>(std::move(*looks));
    panelChart(QStringLiteral("probes"))->setHistory(m_looks);
  }
  showBands();
  showAlerts();
  m_phaseBar->setProfile(m_profile);
}

void RunCharts::showBands() {
  std::vector<StepBand> bands;
  for (const StageSpan& span : m_steps->spans()) {
    if (!bands.empty()) bands.back().end = span.begin_step;
    bands.push_back({toQString(span.name), span.begin_step, std::nullopt});
  }
  if (!bands.empty() && m_stageEnd && *m_stageEnd > bands.back().begin) bands.back().end = m_stageEnd;
  for (auto* chart : allCharts()) chart->setBands(bands);
}

void RunCharts::showTiles() {
  const QString stage = m_steps->spans().empty() ? QString() : toQString(m_steps->spans().back().name);
  for (std::size_t i = 0; i < m_tiles.size(); ++i) m_tiles[i]->setSeries(m_chart->series(int(i)), stage);
}

// A million steps take a while; the window doesn't wait for them. While only the newest are there, a stage without its
// begin and plan would have alerts that it hasn't.
void RunCharts::lookForAlerts() {
  if (m_searching || m_steps->is_empty() || !m_loading->isHidden()) return;
  m_searching = true;
  inBackground(
      this,
      [finder = m_finder, steps = m_steps] {
        auto found = std::make_shared<AlertFinder>(*finder);
        found->read(*steps);
        return std::pair(std::shared_ptr<const AlertFinder>(std::move(found)), steps);
      },
      m_searches.newest().only([this](const auto& found) {
        m_searching = false;
        m_finder = found.first;
        showAlerts();
        if (found.second != m_steps) lookForAlerts();
      }));
}

void RunCharts::showAlerts() {
  m_alerts->setAlerts(m_finder->alerts());
  auto marks = m_alerts->marks();
  const auto count = marks.size();
  panelSwitch(QStringLiteral("alerts"))->setText(count == 0 ? tr("Alerts") : tr("Alerts (%1)").arg(count));
  marks.insert(marks.end(), m_marks.begin(), m_marks.end());
  m_chart->setMarks(std::move(marks));
}

void RunCharts::appendMark(const Event& event) {
  const auto step = double(event.step);
  if (event.is<CheckpointEvent>())
    m_marks.push_back({step, tr("checkpoint %1-%2").arg(toQString(event.stage)).arg(event.step)});
  if (const auto* evaluated = event.as<EvaluationEvent>()) {
    addScoreMark(step, evaluated->result);
  }
}

// One mark for all evaluations of a step, which would lie on each other; there is room for two scores.
void RunCharts::addScoreMark(double step, const TaskResult& result) {
  const QString score = ScoreTile::valueOf(result), file = ScoreTile::fileOf(result);
  const QString text = file.isEmpty() ? tr("score %1").arg(score) : tr("score %1 of %2").arg(score, file);
  const auto same = std::ranges::find_if(
      m_marks, [step](const StepMark& mark) { return mark.kind == MarkKind::evaluation && mark.step == step; });
  if (same == m_marks.end()) return m_marks.push_back({step, text, MarkKind::evaluation, score});
  if (same->text.contains(text)) return;  // a gate has asked once more
  same->text += QStringLiteral(", ") + text;
  const QString dot = QStringLiteral(" · ");
  if (!same->label.contains(dot))
    same->label += dot + score;
  else if (!same->label.endsWith(u'…'))
    same->label += u'…';
}

void RunCharts::goBackTo(double step) {
  std::erase_if(m_marks, [step](const StepMark& mark) { return mark.step >= step; });
  m_alerts->goBackTo(step);
}

void RunCharts::appendWarning(const WarningEvent& warning) {
  const QString text = warning.message.empty() ? tr("A warning without words.") : toQString(warning.message);
  m_log->setText(++m_warnings == 1 ? tr("Log (1 warning)") : tr("Log (%1 warnings)").arg(m_warnings));
  Q_EMIT warned(text);
}

void RunCharts::setRecord(const QString& text) {
  if (m_record->toPlainText() != text) m_record->setPlainText(text);
}

}  // namespace llavakd
