// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QMenu>

namespace llavakd {

class RunWatcher;

/// Makes runs of the open project from what other programs recorded, to compare with.
class ImportMenu : public QMenu {
  Q_OBJECT

 public:
  /// `run` knows the project, and outlives the menu.
  explicit ImportMenu(RunWatcher* run, QWidget* parent = nullptr);

  /// Reads a CSV file, or TensorBoard's event file or folder of them, in the background.
  void importRun(const QString& source);

 Q_SIGNALS:
  /// There is a run more: what it holds, as a sentence.
  void imported(const QString& what);
  void failed(const QString& message);

 private:
  RunWatcher* m_run;
};

}  // namespace llavakd
