// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Relations of other parts of the models than a run records, which InspectPage asks a checkpoint for.
#include <algorithm>

#include "widgets/document/conversions.h"
#include "widgets/document/project_document.h"
#include "widgets/document/project_facts.h"
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

void InspectPage::connectSource() {
  m_sourceNote->setWordWrap(true);
  m_sourceNote->hide();
  const auto showStudent = [this] {
    const ModelFacts& student = ProjectFacts::of(m_document)->result().student;
    m_source->setStudent(int(student.layers), int(student.heads));
    m_source->setEnabledSources(m_live != nullptr);
  };
  connect(ProjectFacts::of(m_document), &ProjectFacts::changed, this, showStudent);
  showStudent();
  connect(m_source, &SourceChoice::changed, this, &InspectPage::look);
  if (!m_live) return;
  connect(m_live, &LiveLook::arrived, this,
          [this] { m_reader->read(m_live->file(), {m_live->file()}, theme::noDifference()); });
  connect(m_live, &LiveLook::failed, this, [this](const QString& why) {
    m_panel->setNothing(tr("This look can't be had"));
    m_message->showMessage(InlineMessage::Kind::error, why);
  });
}

// Weights are kept at checkpoints only: those of the last one up to the step that is shown.
int InspectPage::checkpointBefore(int step) const {
  const auto& kept = m_history.checkpoints();
  for (; step >= 0; --step)
    if (std::ranges::count(kept, QStringLiteral("checkpoints/") + m_history.steps()[std::size_t(step)].folder) > 0)
      return step;
  return -1;
}

void InspectPage::lookInside(int step, int probe) {
  const int checkpoint = checkpointBefore(step);
  const QString folder = checkpoint < 0 ? QString()
                                        : toQString((m_run->folder().path / "checkpoints").string()) +
                                              QLatin1Char('/') + m_history.steps()[std::size_t(checkpoint)].folder;
  m_livePlace =
      checkpoint < 0 ? tr("the student before training") : tr("checkpoint of %1").arg(placeOfStep(checkpoint));
  const LiveQuestion question{m_document->path(), m_strip->fileOf(probe),
                              toQString(m_project.probes[std::size_t(probe)].question), folder, m_source->source()};
  if (!m_live->isAsked(question)) {  // else what is shown stays
    m_panel->setNothing(tr("Looking inside the models…"));
    setStepText(m_livePlace);
    m_sourceNote->hide();
  }
  m_live->ask(question);
}

void InspectPage::takeLive(const std::shared_ptr<const ProbeLook>& look) {
  m_message->dismiss();
  m_panel->setLook(look);
  setStepText(look->probe.distance ? tr("%1 · 1 − cosine %2").arg(m_livePlace, theme::number(*look->probe.distance))
                                   : m_livePlace);
  m_sourceNote->setText(m_live->sourceText() + QLatin1Char(' ') + m_live->trainedText());
  m_sourceNote->show();
  showOrigin(m_slider->value());
  ChartOrigin ofLook = m_origin;
  ofLook.lines << QStringLiteral("Weights: %1").arg(m_livePlace)
               << QStringLiteral("Source: %1").arg(m_live->sourceText());
  m_panel->setOrigin(ofLook);
}

}  // namespace llavakd
