// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QToolButton>

namespace llavakd {

class RunWatcher;

/// Which run the pages show: its time, and a menu of all runs of the project. Runs of other projects in the same folder
/// are named there, and can't be chosen.
class RunChooser : public QToolButton {
  Q_OBJECT

 public:
  explicit RunChooser(RunWatcher* run, QWidget* parent = nullptr);

 private:
  void refresh();
  void fillMenu();

  RunWatcher* m_run;
};

}  // namespace llavakd
