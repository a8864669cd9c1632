// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/compare/run_students.h"

#include "core/run/run_checkpoints.h"
#include "core/run/run_folder.h"
#include "widgets/document/conversions.h"

namespace llavakd {

std::vector<RunStudents> readRunStudents(const QStringList& runs) {
  std::vector<RunStudents> all;
  for (const QString& folder : runs) {
    const RunFolder run{toPath(folder)};
    RunStudents students{folder, toQString(run.id()), {}};
    try {
      for (const auto& checkpoint : list_training_checkpoints(run.checkpoints()))
        students.checkpoints.prepend(toQString(checkpoint));
    } catch (const std::exception&) {
      continue;  // it is being removed; the list comes again then
    }
    if (!students.checkpoints.isEmpty()) all.push_back(students);
  }
  return all;
}

QString checkpointName(const QString& folder) {
  return folder.section(u'/', -1);
}

QString modelFolder(const QString& checkpoint) {
  return checkpoint + QStringLiteral("/model");
}

}  // namespace llavakd
