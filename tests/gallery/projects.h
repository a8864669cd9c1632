// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QProcess>
#include <QString>
#include <QStringList>
#include <memory>

namespace llavakd {

/// The project of a state ("finished"), below the home folder that the gallery's windows have.
QString galleryProject(const QString& home, const QString& state);

/// Makes the projects of these states with their runs where they aren't there yet: the quick sample, really trained,
/// once to its end and once until its first checkpoint can't be written; runs that differ from it in their numbers, and
/// one with a long log. Takes a minute or two. Throws RunError.
void makeGalleryProjects(const QString& home, const QStringList& states);

/// Trains the project of the state "running" until it is in its last stage and halts the engine there, so that all
/// pictures show the same step. The run ends with the process. Throws RunError.
std::unique_ptr<QProcess> haltedRun(const QString& home);

/// A folder with a program `llavakd` that never answers.
QString silentEngineFolder(const QString& home);

/// Before a window opens the project with the long log: without its index, so that it is read from its start.
void forgetIndex(const QString& home);

}  // namespace llavakd
