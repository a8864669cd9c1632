// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QDialog>
#include <QPointer>
#include <QProcess>
#include <vector>

#include "core/run/bundle_files.h"
#include "widgets/run/run_row.h"

class QCheckBox;
class QComboBox;
class QLineEdit;
class QProgressBar;
class QPushButton;

namespace llavakd {

class InlineMessage;
class TextLabel;

/// Makes a folder of a run for others, as `llavakd bundle` does: what is in it with its sizes, which weights, whether
/// names and paths are taken out, and where it goes. Closing the dialog ends the writing, and nothing half is left.
class BundleDialog : public QDialog {
  Q_OBJECT

 public:
  explicit BundleDialog(const RunRow& run, QWidget* parent = nullptr);

 private:
  QWidget* makeForm();
  void readParts();
  void refresh();
  void browse();
  void write();
  void cancel();
  void finish(bool ok, const QByteArray& output, const QString& error);

  QString m_folder, m_name;
  std::vector<BundlePart> m_parts;  ///< Empty until they have been counted.
  QPointer<QProcess> m_process;     ///< While it writes.
  InlineMessage* m_message;
  QComboBox* m_weights;
  QCheckBox* m_redact;
  QLineEdit* m_path;
  TextLabel *m_contents, *m_size;
  QProgressBar* m_progress;
  QPushButton *m_choose, *m_write, *m_close;
};

}  // namespace llavakd
