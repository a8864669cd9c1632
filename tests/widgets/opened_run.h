// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QTest>
#include <utility>

#include "made_run.h"
#include "widgets/document/conversions.h"
#include "widgets/document/project_document.h"
#include "widgets/run/run_watcher.h"

namespace llavakd {

/// A made run with what a page needs of it: its project as a document, and a watcher that follows it.
struct OpenedRun {
  explicit OpenedRun(MadeRun made_run) : made(std::move(made_run)) {}
  /// Opens the project and follows the run; the project is open and the run read afterwards.
  void open() {
    document.open(toQString(made.project_file));
    run.setProjectFile(toQString(made.project_file));
    QTRY_VERIFY(document.isOpen());
    QTRY_VERIFY(!run.isReading());
  }
  MadeRun made;
  ProjectDocument document;
  RunWatcher run;
};

}  // namespace llavakd
