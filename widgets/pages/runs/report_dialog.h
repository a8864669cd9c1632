// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QDialog>
#include <QPointer>
#include <QProcess>
#include <QStringList>
#include <vector>

#include "widgets/run/run_row.h"

class QCheckBox;
class QLineEdit;
class QProgressBar;
class QPushButton;

namespace llavakd {

class InlineMessage;

/// Writes a page of a run, or of several against each other, as `llavakd report` does, and shows the folder. Closing
/// the dialog ends the writing, and nothing half is left.
class ReportDialog : public QDialog {
  Q_OBJECT

 public:
  /// A page can tell no more runs apart (core/report/write_report.h).
  static constexpr size_t mostRuns = 12;

  /// At least one run.
  explicit ReportDialog(const std::vector<RunRow>& runs, QWidget* parent = nullptr);

 private:
  QWidget* makeForm();
  void refresh();
  void browse();
  void write();
  void cancel();
  void finish(bool ok, const QByteArray& output, const QString& error);

  QStringList m_folders;
  QPointer<QProcess> m_process;  ///< While it writes.
  InlineMessage* m_message;
  QCheckBox* m_redact;
  QLineEdit* m_path;
  QProgressBar* m_progress;
  QPushButton *m_choose, *m_write, *m_close;
};

}  // namespace llavakd
