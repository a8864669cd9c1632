// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/train/failed_run.h"

#include <QCoreApplication>
#include <algorithm>

#include "widgets/document/conversions.h"
#include "widgets/document/project_document.h"
#include "widgets/run/run_progress.h"
#include "widgets/theme/parts.h"

namespace llavakd {
namespace {

constexpr double loweredBy = 0.5;

QString failedText(const char* text) {
  return QCoreApplication::translate("FailedRun", text);
}

/// -1 where the project has no such stage any more.
int placeOfStage(const Project& project, const QString& stage) {
  const auto found = std::ranges::find(project.stages, stage.toStdString(), &StageOptions::name);
  return found == project.stages.end() ? -1 : int(found - project.stages.begin());
}

void lowerLearningRate(ProjectDocument* document, int stage) {
  const QString name = toQString(document->project().stages[size_t(stage)].name);
  document->edit(failedText("lower the learning rate of %1").arg(name),
                 [stage](Project& project) { project.stages[size_t(stage)].learning_rate *= loweredBy; });
}

}  // namespace

void addFailedRunChoices(InlineMessage* message, const RunProgress& progress, ProjectDocument* document,
                         const FailedRunActions& actions) {
  if (!progress.failedSample.isEmpty())
    message->addChoice(failedText("Open sample"), [open = actions.openSample, stage = progress.failedStage,
                                                   sample = progress.failedSample] { open(stage, sample); });
  if (progress.failedNumber && document->isOpen() && placeOfStage(document->project(), progress.failedStage) >= 0)
    message->addChoice(failedText("Lower the learning rate"),
                       [document, show = actions.showLearningRate, name = progress.failedStage] {
                         const int stage = placeOfStage(document->project(), name);
                         if (stage < 0) return;  // removed meanwhile
                         lowerLearningRate(document, stage);
                         show(stage);
                       });
  if (canGoOn(progress))
    message->addChoice(progress.checkpoint.isEmpty() ? failedText("Resume from the newest checkpoint")
                                                     : failedText("Resume from %1").arg(progress.checkpoint),
                       actions.resume);
}

}  // namespace llavakd
