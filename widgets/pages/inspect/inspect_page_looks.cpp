// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// What InspectPage makes of a run's looks at the probes.
#include <QDir>
#include <QFileInfo>
#include <cmath>

#include "widgets/charts/step_chart.h"
#include "widgets/document/conversions.h"
#include "widgets/document/project_document.h"
#include "widgets/pages/inspect/inspect_page.h"
#include "widgets/pages/inspect/live_look.h"
#include "widgets/pages/inspect/relation_panel.h"
#include "widgets/pages/inspect/source_choice.h"
#include "widgets/pages/inspect/step_slider.h"
#include "widgets/run/run_watcher.h"
#include "widgets/shared/picture_strip.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/parts.h"

namespace llavakd {

void InspectPage::forget() {
  play(false);
  m_history.clear();
  m_reader->clear();
  if (m_live) m_live->cancel();
  m_sourceNote->hide();
  m_slider->setSteps({});
  m_chart->clearData();
  showNothing({});
  m_message->dismiss();
  setStepText({});
  showProbes();
}

void InspectPage::takeEvents(const std::vector<Event>& events) {
  const bool atEnd = m_slider->value() >= m_slider->maximum();
  const bool grown = m_history.append(events);
  if (m_history.steps().empty()) return;
  m_slider->setSteps(m_history.steps());
  // Whoever looks at the newest step keeps seeing the newest; any other step stays.
  if (grown && atEnd && !m_player.isActive()) m_slider->setValue(m_slider->maximum());
  showPage();
  showCourses();
  if (!grown) return;
  showChart();
  look();
}

void InspectPage::showCourses() {
  const auto step = std::size_t(std::max(0, m_slider->value()));
  if (step < m_history.steps().size()) m_chart->setCursor(double(m_history.steps()[step].step));
  for (int probe = 0; probe < m_strip->entryCount(); ++probe)
    m_strip->setCourse(probe, m_history.course(std::size_t(probe)), m_slider->value());
}

void InspectPage::showChart() {
  const auto& steps = m_history.steps();
  const auto course = m_history.course(std::size_t(std::max(0, m_strip->currentRow())));
  std::vector<StepBand> bands;
  std::vector<StepMark> marks;
  auto values = std::make_shared<StepHistory>();
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const double step = double(steps[i].step);
    double sum = 0, count = 0;
    for (const double value : steps[i].values)
      if (std::isfinite(value)) sum += value, ++count;
    values->add_row(step, 0, {{"picture", course[i]}, {"mean", count > 0 ? sum / count : NAN}});
    if (steps[i].checkpoint) marks.push_back({step, tr("checkpoint")});
    if (!bands.empty() && bands.back().name == steps[i].stage) continue;
    const double begin = i == 0 ? step : double(steps[i - 1].step);
    if (!bands.empty()) bands.back().end = begin;
    bands.push_back({steps[i].stage, begin, std::nullopt});
  }
  m_chart->setBands(std::move(bands));
  m_chart->setMarks(std::move(marks));
  m_chart->setHistory(std::move(values));
  showCourses();
}

QString InspectPage::fileOf(int step, int probe) const {
  return QStringLiteral("%1/%2/%3.safetensors")
      .arg(toQString(m_run->folder().probes()), m_history.steps()[std::size_t(step)].folder)
      .arg(probe);
}

QString InspectPage::placeOfStep(int step) const {
  if (step < 0 || step >= int(m_history.steps().size())) return {};
  const auto& shown = m_history.steps()[std::size_t(step)];
  return tr("%1 · step %2").arg(shown.stage, theme::wholeNumber(shown.step));
}

void InspectPage::look() {
  const int step = m_slider->value(), probe = m_strip->currentRow();
  if (probe < 0 || step < 0 || step >= int(m_history.steps().size())) return;
  if (looksInside()) return lookInside(step, probe);
  if (m_live) m_live->cancel();
  m_sourceNote->hide();
  QStringList files;
  for (int i = 0; i < int(m_history.steps().size()); ++i) files << fileOf(i, probe);
  m_reader->read(fileOf(step, probe), files, theme::noDifference());
}

int InspectPage::stepOf(const QString& file) const {
  const int probe = m_strip->currentRow();
  for (int step = 0; probe >= 0 && step < int(m_history.steps().size()); ++step)
    if (fileOf(step, probe) == file) return step;
  return -1;
}

// While somebody drags the slider, looks on the way there are shown too, each under its own step; one at another
// picture is dropped.
void InspectPage::take(std::shared_ptr<const ProbeLook> look) {
  const int step = stepOf(look->file), probe = m_strip->currentRow();
  if (looksInside()) {
    if (m_live && look->file == m_live->file()) takeLive(look);
    return;
  }
  if (step < 0) return;
  m_message->dismiss();
  setStepText(placeOfStep(step));
  if (!look->probe.image.empty() && m_document->resolve(look->probe.image) != m_strip->fileOf(probe))
    return showNothing(tr("The run looked at another picture here: %1").arg(toQString(look->probe.image)));
  showLook(look);
  if (look->probe.distance)
    setStepText(tr("%1 · 1 − cosine %2").arg(placeOfStep(step), theme::number(*look->probe.distance)));
  showOrigin(step);
}

void InspectPage::takeFailure(const QString& file, const QString& message) {
  const int step = stepOf(file);
  if (step < 0) return;
  showNothing(tr("This look can't be shown"));
  setStepText(placeOfStep(step));
  m_message->showMessage(InlineMessage::Kind::error, message);
}

void InspectPage::showOrigin(int step) {
  const QString file = m_document->path();
  m_origin = {{QStringLiteral("Project: %1").arg(QDir::toNativeSeparators(file)),
               QStringLiteral("Run: %1").arg(QFileInfo(m_run->runFolder()).fileName()),
               QStringLiteral("Picture: %1").arg(m_strip->fileOf(m_strip->currentRow()))},
              QFileInfo(file).path()};
  ChartOrigin ofLook = m_origin;
  ofLook.lines << QStringLiteral("Step: %1").arg(placeOfStep(step));
  m_panel->setOrigin(ofLook);
}

void InspectPage::showStep(qint64 step) {
  const int index = m_history.nearest(step);
  if (index >= 0) m_slider->setValue(index);
}

}  // namespace llavakd
