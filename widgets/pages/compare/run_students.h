// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <QStringList>
#include <vector>

namespace llavakd {

/// The students that a run has kept.
struct RunStudents {
  QString run;              ///< Its folder.
  QString name;             ///< "2026-11-24-101500".
  QStringList checkpoints;  ///< Their folders, newest first.
  bool operator==(const RunStudents&) const = default;
};

/// Those of these runs that have any, in their order. Reads folders: for worker threads.
std::vector<RunStudents> readRunStudents(const QStringList& runs);

/// "SFT-160", from a checkpoint's folder.
QString checkpointName(const QString& folder);

/// Where its weights are.
QString modelFolder(const QString& checkpoint);

}  // namespace llavakd
