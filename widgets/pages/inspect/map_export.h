// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <memory>
#include <vector>

#include "widgets/pages/inspect/probe_reader.h"
#include "widgets/shared/exported_picture.h"

class QWidget;

namespace llavakd {

class PatchView;

enum class Relation { teacher, student, difference };

/// "Teacher", "Student", "Student − teacher".
QString relationTitle(Relation relation);

/// Maps of one look side by side, with the bars of their colours; as numbers one line for each pair of tokens, which
/// count from 0. Relations that the look hasn't are left out. `size`: as in the window.
ExportSubject mapSubject(std::shared_ptr<const ProbeLook> look, const std::vector<Relation>& relations,
                         const QString& name, const QSize& size, const QStringList& provenance);

/// The picture under both models, with the relations of the chosen token, as numbers one line for each token. The
/// views outlive the subject.
ExportSubject patchSubject(std::shared_ptr<const ProbeLook> look, int token, const std::vector<const PatchView*>& views,
                           const QString& name, const QStringList& provenance);

/// What the bar of teacher and student counts.
QString relationCaption(const ProbeLook& look);

}  // namespace llavakd
