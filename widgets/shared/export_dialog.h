// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QDialog>

#include "widgets/shared/exported_picture.h"

class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QSpinBox;

namespace llavakd {

class InlineMessage;

/// Saves a chart or a map as PNG, SVG, PDF or, where it has numbers, CSV, or copies it; with a preview, size, font size
/// and the light appearance on wish. What is chosen is remembered. The file appears whole or not at all.
class ExportDialog : public QDialog {
  Q_OBJECT

 public:
  /// `folder`: where files go that were not given another place.
  ExportDialog(ExportSubject subject, const QString& folder, QWidget* parent = nullptr);
  ExportOptions options() const;
  QString path() const;
  InlineMessage* message() const { return m_message; }

 protected:
  void showEvent(QShowEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;

 private:
  QWidget* makeForm();
  void remember() const;
  void showFormat();
  void showPath();
  void showPreview();
  void browse();
  void save();

  ExportSubject m_subject;
  QString m_folder;
  InlineMessage* m_message;
  QLabel *m_preview, *m_pixels;
  QComboBox* m_format;
  QSpinBox *m_width, *m_height, *m_scale, *m_pointSize;
  QCheckBox* m_light;
  QLineEdit* m_path;
  QPushButton *m_copy, *m_save;
};

/// Opens the dialog over a window; it deletes itself.
void showExportDialog(QWidget* parent, ExportSubject subject, const QString& folder);

/// Puts the picture, as it is in the window but in the light appearance, on the clipboard.
void copyAsPicture(const ExportSubject& subject);

}  // namespace llavakd
