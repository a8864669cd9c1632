// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QDialog>
#include <vector>

#include "core/run/run_queue_file.h"

class QLineEdit;
class QPushButton;

namespace llavakd {

class ProjectDocument;
class TextLabel;

/// Asks for schedules and seeds, and says which runs they make: one for each schedule with each seed.
class ArmsDialog : public QDialog {
  Q_OBJECT

 public:
  /// The document is open, and outlives the dialog.
  explicit ArmsDialog(ProjectDocument* document, QWidget* parent = nullptr);

 Q_SIGNALS:
  void chosen(const std::vector<llavakd::QueuedRun>& runs);

 private:
  void refresh();

  ProjectDocument* m_document;
  std::vector<QueuedRun> m_runs;  ///< That the fields make; empty while they can't be read.
  QLineEdit *m_arms, *m_seeds;
  TextLabel* m_preview;
  QPushButton* m_add;
};

}  // namespace llavakd
