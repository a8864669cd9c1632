// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QLineEdit>
#include <QWidget>

class QToolButton;

namespace llavakd {

/// A path as the project file writes it, with a button that opens the file dialog; files can be dropped on it.
class PathEdit : public QWidget {
  Q_OBJECT

 public:
  PathEdit(bool folder, QWidget* parent = nullptr);
  /// Relative paths start from here, and picked ones are written relative to it.
  void setBaseFolder(const QString& folder) { m_baseFolder = folder; }
  /// What the field is for, over the whole path; and the field's name for who hears it.
  void setHelp(const QString& name, const QString& help);
  QString path() const { return m_line->text(); }
  void setPath(const QString& path);
  QLineEdit* line() const { return m_line; }

 Q_SIGNALS:
  void pathEdited(const QString& path);

 protected:
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;

 private:
  void browse();
  void take(const QString& fullPath);
  void showToolTip();
  QLineEdit* m_line;
  QToolButton* m_button;
  QString m_help;
  QString m_baseFolder;
  bool m_folder;
};

}  // namespace llavakd
