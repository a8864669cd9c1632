// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QStringList>
#include <optional>

namespace llavakd {

class ProjectDocument;

/// The pictures that were added to the open project's own for asking about them. They decide nothing of a run, so
/// this person's settings keep them for each project, and not the project's file.
QStringList addedPictures(const ProjectDocument& document);
void keepAddedPictures(const ProjectDocument& document, const QStringList& files);

/// Likewise whom this person asks (ChosenModels::choice); nothing where that was never chosen.
std::optional<QStringList> keptModels(const ProjectDocument& document);
void keepModels(const ProjectDocument& document, const QStringList& choice);

}  // namespace llavakd
