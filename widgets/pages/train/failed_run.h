// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <functional>

namespace llavakd {

class InlineMessage;
class ProjectDocument;
struct RunProgress;

/// What a person may do about a run that failed.
struct FailedRunActions {
  std::function<void(const QString& stage, const QString& sample)> openSample;
  /// The stage's place in the project.
  std::function<void(int stage)> showLearningRate;
  std::function<void()> resume;
};

/// Buttons of the message that says why a run failed: the sample that is the cause; where a number was none, the
/// learning rate, which is halved as an edit that can be undone; and the newest checkpoint to go on from. Whatever
/// isn't there has no button. What the actions need outlives the message's buttons.
void addFailedRunChoices(InlineMessage* message, const RunProgress& progress, ProjectDocument* document,
                         const FailedRunActions& actions);

}  // namespace llavakd
