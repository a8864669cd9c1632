// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// What a stage's card shows of its stage.
#include <QFileInfo>
#include <QGraphicsOpacityEffect>
#include <algorithm>
#include <utility>

#include "core/project/project_file.h"
#include "core/project/stage_list.h"
#include "core/project/stage_terms.h"
#include "widgets/document/conversions.h"
#include "widgets/document/project_document.h"
#include "widgets/forms/number_box.h"
#include "widgets/forms/option_form.h"
#include "widgets/pages/stages/gradient_panel.h"
#include "widgets/pages/stages/schedule_sketch.h"
#include "widgets/pages/stages/stage_card.h"
#include "widgets/pages/stages/stage_data.h"
#include "widgets/pages/stages/stage_head.h"
#include "widgets/pages/stages/term_row.h"
#include "widgets/run/project_check.h"
#include "widgets/theme/numbers.h"

namespace llavakd {
namespace {

constexpr double fadedOpacity = 0.55;

// What the method calls the stages; a stage of another name is described by what it does.
QString purposeOf(const StageOptions& stage) {
  if (stage.name == "DPT")
    return StageCard::tr("Distilled pre-training: the connector learns to see as the teacher does.");
  if (stage.name == "SFT") return StageCard::tr("Supervised fine-tuning: the student learns to answer.");
  if (stage.name == "DFT") return StageCard::tr("Distilled fine-tuning: the answers come closer to the teacher's.");
  if (stage.name == "PT") return StageCard::tr("Pre-training without a teacher: the connector learns from captions.");
  return distils(stage) ? StageCard::tr("Learns from the labels and the teacher.")
                        : StageCard::tr("Learns from the labels alone.");
}

}  // namespace

void StageCard::refresh() {
  if (!isThere()) return;
  const StageOptions& options = stage();
  refreshHead();
  refreshLearns();
  if (std::exchange(m_shownStage, options.name) != options.name) m_switchedOff.clear();
  for (TermRow* row : m_terms) {
    const auto found = std::ranges::find(options.terms, row->term(), &TermOptions::term);
    const auto off = m_switchedOff.find(row->term());
    row->setWeight(found == options.terms.end() ? std::nullopt : std::optional<double>(found->weight),
                   off == m_switchedOff.end() ? std::nullopt : std::optional<double>(off->second.weight));
    row->setStage(toQString(options.name));
  }
  m_gradients->refresh();
  const QString folder = QFileInfo(m_document->path()).absolutePath();
  for (OptionForm* form : {m_form, m_moreForm}) {
    form->setBaseFolder(folder);
    form->setFields(formFields(options));
  }
  if (auto* limit = qobject_cast<NumberBox*>(m_form->editor(QStringLiteral("max_steps")))) {
    const QString unit = options.max_steps == 0 ? tr(" = no limit") : tr(" steps");
    if (limit->suffix() != unit) limit->setSuffix(unit);
  }
  m_sketch->setCourse(options.schedule, options.warmup_ratio, options.learning_rate);
  refreshTermForms();
  m_data->refresh();
  refreshSteps();
  showEstimate();
}

void StageCard::refreshHead() {
  const Project& project = m_document->project();
  const bool on = is_scheduled(project, stage().name);
  const auto running =
      std::ranges::count_if(project.stages, [&](const StageOptions& each) { return is_scheduled(project, each.name); });
  m_head->setStage(toQString(stage().name), on, on && running == 1);
  m_head->setPlace(m_index, int(project.stages.size()));
  m_purpose->setText(purposeOf(stage()));
  setAccessibleName(toQString(stage().name));
  setAccessibleDescription(on ? QString() : tr("Not part of the run."));
  auto* faded = qobject_cast<QGraphicsOpacityEffect*>(m_content->graphicsEffect());
  if (on == (faded == nullptr)) return;
  if (!on) {
    auto* effect = new QGraphicsOpacityEffect(m_content);
    effect->setOpacity(fadedOpacity);
    m_content->setGraphicsEffect(effect);
  } else {
    m_content->setGraphicsEffect(nullptr);
  }
}

void StageCard::refreshLearns() {
  const StageOptions& options = stage();
  int64_t trainable = 0, all = 0;
  for (const auto& [part, chip] : m_chips) {
    const bool learns = std::ranges::find(options.train, part) != options.train.end();
    chip->setChecked(learns);
    if (!m_student) continue;
    const auto found = m_student->parameters.find(part);
    const int64_t count = found == m_student->parameters.end() ? 0 : found->second;
    all += count;
    if (learns) trainable += count;
  }
  m_trainable->setText(
      all == 0  // nothing is known of the student
          ? tr("Lit parts learn, the others stay as they are.")
          : tr("%1 of %2 parameters learn").arg(theme::shortCount(double(trainable)), theme::shortCount(double(all))));
}

// "40 steps = 3.2 epochs (limit 40 of 50 steps)": what a limit of steps makes of the epochs.
QString StageCard::lengthText() const {
  const StageOptions& options = stage();
  const auto& facts = m_data->facts();
  if (!facts || !facts->error.isEmpty() || facts->samples < 1)
    return options.max_steps > 0 ? tr("At most %1 steps").arg(theme::wholeNumber(options.max_steps)) : QString();
  StageOptions unlimited = options;
  unlimited.max_steps = 0;
  const int64_t whole = stage_steps(unlimited, facts->samples), steps = stage_steps(options, facts->samples);
  const double epochs = steps < whole ? double(steps * options.batch_size) / double(facts->samples) : options.epochs;
  const QString length = tr("%1 steps = %2 epochs").arg(theme::wholeNumber(steps), theme::shortNumber(epochs));
  return steps < whole ? tr("%1 (limited from %2 steps)").arg(length, theme::wholeNumber(whole)) : length;
}

void StageCard::refreshSteps() {
  if (!isThere()) return;
  const QString length = lengthText();
  const QString warmUp = tr("warm-up over %1 %").arg(theme::shortNumber(100 * stage().warmup_ratio));
  m_steps->setText(length.isEmpty() ? warmUp : length + QStringLiteral(" · ") + warmUp);
}

void StageCard::showEstimate() {
  if (!isThere()) return;
  const ProjectCheck* check = ProjectCheck::of(m_document);
  if (check->isRunning()) return m_estimate->setText(tr("Estimating…"));
  const EstimatedStage* estimate = check->result().estimate(toQString(stage().name));
  m_estimate->setText(estimate ? estimate->sentence() : QString());
}

}  // namespace llavakd
