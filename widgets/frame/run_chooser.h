// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QToolButton>

namespace llavakd {

class RunWatcher;
struct RunSummary;

/// Which run the pages show: its time, and a menu of the project's newest runs. Runs of other projects in the same
/// folder are named there, and can't be chosen.
class RunChooser : public QToolButton {
  Q_OBJECT

 public:
  explicit RunChooser(RunWatcher* run, QWidget* parent = nullptr);

 Q_SIGNALS:
  /// The list of all runs is asked for.
  void allRunsRequested();

 private:
  void refresh();
  void fillMenu();
  void addRun(const RunSummary& run);

  RunWatcher* m_run;
};

}  // namespace llavakd
