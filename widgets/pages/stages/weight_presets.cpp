// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/stages/weight_presets.h"

#include <QHBoxLayout>
#include <QPushButton>
#include <algorithm>

#include "core/project/project_file.h"
#include "core/project/term_catalog.h"
#include "widgets/document/conversions.h"
#include "widgets/document/project_document.h"
#include "widgets/theme/parts.h"

namespace llavakd {
namespace {

// Whether all terms have the weights of a preset.
bool hasWeightsOf(const Project& project, const char* preset) {
  return std::ranges::all_of(project.stages, [preset](const StageOptions& stage) {
    StageOptions same = stage;
    apply_weights(same, preset);
    return same == stage;
  });
}

}  // namespace

WeightPresets::WeightPresets(ProjectDocument* document, QWidget* parent)
    : QWidget(parent),
      m_document(document),
      m_paper(new QPushButton(tr("&Paper"))),
      m_code(new QPushButton(tr("Released &code"))),
      m_own(new TextLabel(tr("Your own weights now"), theme::Size::caption, TextLabel::Tone::muted)) {
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(theme::gapSmall);
  row->addWidget(new TextLabel(tr("Weights as in the"), theme::Size::body, TextLabel::Tone::muted));
  m_paper->setObjectName(QStringLiteral("paper"));
  m_code->setObjectName(QStringLiteral("code"));
  for (QPushButton* preset : {m_paper, m_code}) {
    preset->setCheckable(true);
    row->addWidget(preset);
  }
  row->addWidget(m_own);
  connect(m_paper, &QPushButton::clicked, this, [this] { apply("paper", tr("weights of the paper")); });
  connect(m_code, &QPushButton::clicked, this, [this] { apply("code", tr("weights of the released code")); });
  connect(document, &ProjectDocument::changed, this, &WeightPresets::refresh);
  connect(document, &ProjectDocument::closed, this, &WeightPresets::refresh);
  refresh();
}

void WeightPresets::refresh() {
  const Project& project = m_document->project();
  const bool any = !project.stages.empty();
  const bool paper = any && hasWeightsOf(project, "paper"), code = any && hasWeightsOf(project, "code");
  m_paper->setChecked(paper);
  m_code->setChecked(code);
  m_own->setVisible(any && !paper && !code);
  for (QPushButton* preset : {m_paper, m_code}) preset->setEnabled(any);
  const QString why = tr("Add a stage first: the weights are those of its terms.");
  m_paper->setToolTip(
      any ? tr("All weights 1, %1: arXiv 2410.16236, section 3").arg(toQString(paper_weights(&TermInfo::label))) : why);
  m_code->setToolTip(any ? tr("All weights 1") : why);
}

void WeightPresets::apply(const char* preset, const QString& name) {
  m_document->edit(name, [preset](Project& project) {
    for (StageOptions& stage : project.stages) apply_weights(stage, preset);
  });
  refresh();  // where nothing changed, the click alone switched the button
}

}  // namespace llavakd
