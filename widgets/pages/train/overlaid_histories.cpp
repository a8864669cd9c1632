// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/train/overlaid_histories.h"

#include <QCoreApplication>
#include <exception>

#include "core/run/run_folder.h"
#include "core/run/run_reader.h"
#include "widgets/document/conversions.h"

namespace llavakd {

OverlaidHistories readOverlaidHistories(const std::vector<OverlaidRun>& runs) {
  OverlaidHistories read;
  for (const OverlaidRun& run : runs) {
    try {
      read.runs.push_back({run.name, read_steps(RunFolder{toPath(run.folder)}.events()), run.baseline});
    } catch (const std::exception& error) {
      if (read.problem.isEmpty())
        read.problem = QCoreApplication::translate("llavakd::TrainPage", "%1 can't be drawn: %2")
                           .arg(run.name, toQString(error.what()));
    }
  }
  return read;
}

}  // namespace llavakd
