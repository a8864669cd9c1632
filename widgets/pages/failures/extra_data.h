// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>
#include <QString>
#include <functional>
#include <vector>

#include "core/run/answer_pairs.h"

namespace llavakd {

class ProjectDocument;

// What a project takes from an evaluation's questions. Both can be undone.

/// Whether that picture with that question is among the project's probes.
bool isProbe(const ProjectDocument& document, const QString& picture, const QString& question);

/// Adds it.
void addProbe(ProjectDocument& document, const QString& picture, const QString& question);

/// A stage of its own, after the last one and like it, that learns from a data file: that is how a project gets more
/// data without a copy of what it has. Gives its name.
QString addStageOfData(ProjectDocument& document, const QString& file, const QString& images);

/// Writes the questions with their expected answers into a new file of the folder `failures` next to the project's
/// file, on a worker thread, and calls `done` with the file or why there is none.
void writeExtraData(const ProjectDocument& document, const PairedAnswers& answers,
                    const std::vector<const AnsweredTwice*>& pairs, const QString& name, QObject* context,
                    std::function<void(const QString& file, const QString& fault)> done);

}  // namespace llavakd
